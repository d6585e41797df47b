"use strict";
// Only to make it nicer: the page does all it does without this.
function reveal() {
  var at = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!at) return;
  for (var up = at; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
  at.scrollIntoView();
}
addEventListener("hashchange", reveal);
reveal();
var button = document.createElement("button");
button.type = "button";
button.textContent = "Open everything, for reading through or printing";
button.addEventListener("click", function () {
  var open = button.getAttribute("aria-pressed") !== "true";
  document.querySelectorAll("details").forEach(function (one) { one.open = open; });
  button.setAttribute("aria-pressed", String(open));
  button.textContent = open ? "Close everything" : "Open everything, for reading through or printing";
});
// On paper nothing can be opened: what is closed is printed open, and closed again afterwards.
var shut = [];
addEventListener("beforeprint", function () {
  shut = Array.prototype.filter.call(document.querySelectorAll("details"), function (one) { return !one.open; });
  shut.forEach(function (one) { one.open = true; });
});
addEventListener("afterprint", function () { shut.forEach(function (one) { one.open = false; }); shut = []; });
var place = document.getElementById("opener");
if (place) place.appendChild(button);
