// One key a ruling, and marking words with a mouse. Every button works without this file.
"use strict";
document.addEventListener("keydown", (event) => {
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) && event.target.type !== "checkbox";
  if (event.key === "Escape") event.target.blur();
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const find = (kind) => document.querySelector(`[data-${kind}="${CSS.escape(event.key)}"]`);
  const pressed = find("key"), focused = find("focus"), toggled = find("toggle");
  if (pressed) pressed.click();
  else if (focused) focused.focus();
  else if (toggled) toggled.checked = !toggled.checked;
  else return;
  event.preventDefault();
});
const why = document.querySelector("[data-focus]");
// Enter in the reason would press the first button, which is yes.
if (why) why.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); why.blur(); } });
const words = document.getElementById("words"), marking = document.getElementById("marking");
if (words && marking) document.addEventListener("selectionchange", () => {
  const chosen = document.getSelection();
  if (chosen.isCollapsed || !words.contains(chosen.anchorNode)) return;
  const numbers = [...words.querySelectorAll("[data-n]")].filter((one) => chosen.containsNode(one, true)).map((one) => Number(one.dataset.n));
  if (numbers.length) { marking.first.value = Math.min(...numbers); marking.last.value = Math.max(...numbers); }
});
