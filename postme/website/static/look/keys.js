// J and K go from quote to quote on this page, then to the next page that has one; other keys follow their link.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  const key = event.key.toLowerCase();
  if (key === "j" || key === "k") {
    const quotes = [...document.querySelectorAll("mark[id]")];
    const now = quotes.findIndex((quote) => `#${quote.id}` === location.hash);
    const next = quotes[key === "j" ? now + 1 : now - 1];
    if (next && (key === "j" || now > 0)) { event.preventDefault(); location.hash = next.id; return; }
  }
  const link = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (link) { event.preventDefault(); link.click(); }
});
