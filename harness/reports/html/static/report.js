"use strict";
// What the page can do besides being read: filters that a link can carry, a matrix that the arrow
// keys move through, commands that are copied by a button.

const matrix = document.querySelector("#matrix table");
const filters = document.querySelector("#filters");
const VIEW = "#view?";

// Filters

const rows = [...matrix.querySelectorAll("tr.case")].map((row) => ({
  row,
  kind: row.parentElement.dataset.kind,
  words: (row.cells[0].textContent + " " + row.cells[row.cells.length - 1].textContent).toLowerCase(),
  cells: [...row.querySelectorAll("td[data-v]")],
}));

function chosen() {
  const view = {};
  for (const [name, value] of new FormData(filters)) if (value) view[name] = value;
  return view;
}

// Whether a cell has an outcome that is asked for, in the check that is asked for.
function answers(cell, view) {
  if (!view.check && !view.outcome) return true;
  const checks = Number(filters.dataset.checks);
  const letters = [...cell.dataset.v].filter((_, i) => !view.check || i % checks === view.check - 1);
  return letters.some((letter) => !view.outcome || view.outcome.includes(letter));
}

function show(view) {
  const words = (view.text || "").toLowerCase().split(/\s+/).filter(Boolean);
  const port = view.port - 1;
  let shown = 0;
  for (const { row, kind, words: told, cells } of rows) {
    const asked = view.port ? [cells[port]] : cells;
    const hits = cells.map((cell) => asked.includes(cell) && answers(cell, view));
    const fits = (!view.kind || view.kind === kind) && words.every((word) => told.includes(word));
    const visible = fits && hits.some(Boolean);
    row.hidden = !visible;
    shown += visible;
    cells.forEach((cell, i) => cell.classList.toggle("miss", !hits[i]));
  }
  const filtered = Object.keys(view).length > 0;
  matrix.classList.toggle("filtered", filtered);
  for (const band of matrix.querySelectorAll("tbody[data-kind]:not(.fold)"))
    band.hidden = Boolean(view.kind) && view.kind !== band.dataset.kind;
  filters.querySelector("output").textContent = filtered ? `${shown} of ${rows.length} cases` : "";
}

function remember(view) {
  const query = new URLSearchParams(view).toString();
  history.replaceState(null, "", query ? VIEW + query : location.pathname + location.search);
}

// What the address asks for: a view of the matrix, or a place that may be folded away.
function recall() {
  if (!location.hash.startsWith(VIEW)) {
    const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (place && place.closest("details:not([open])")) open(place);
    return;
  }
  const view = new URLSearchParams(location.hash.slice(VIEW.length));
  for (const field of filters.elements) if (field.name) field.value = view.get(field.name) || "";
  show(chosen());
  document.querySelector("#matrix").scrollIntoView();
}

function changed() {
  const view = chosen();
  show(view);
  remember(view);
}

filters.hidden = false;
filters.addEventListener("input", changed);
filters.addEventListener("submit", (event) => event.preventDefault());
filters.addEventListener("reset", () => setTimeout(changed));
addEventListener("hashchange", recall);
addEventListener("load", recall);

// Keys

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
let left = null; // the cell from which a detail was opened

function move(cell, [down, right]) {
  let row = cell.parentElement;
  const place = cell.cellIndex + right;
  if (down) {
    const lines = [...matrix.rows].filter((line) => line.offsetParent && line.querySelector("td a"));
    row = lines[lines.indexOf(row) + down] || row;
  }
  const link = row.cells[place] && row.cells[place].querySelector("a");
  if (link) link.focus();
}

function open(place) {
  for (let at = place; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  const fold = place.closest("article, details");
  place.scrollIntoView();
  fold.tabIndex = -1;
  fold.focus({ preventScroll: true });
}

matrix.addEventListener("keydown", (event) => {
  const cell = event.target.closest("td, th");
  const step = STEPS[event.key];
  if (!cell || !step || event.target.tagName === "INPUT") return;
  event.preventDefault();
  move(cell, step);
});

matrix.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  const place = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!place || event.ctrlKey || event.metaKey || event.shiftKey) return;
  left = link;
  // After the browser's own way there, which would take the focus back.
  if (place.closest("#cases")) setTimeout(open, 0, place);
});

matrix.addEventListener("mouseover", (event) => {
  const link = event.target.closest("a[aria-label]");
  if (link) link.title = link.getAttribute("aria-label");
});

addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=checkbox]), select, textarea");
  if (event.key === "/" && !typing) {
    event.preventDefault();
    filters.elements.text.focus();
  } else if (event.key === "Escape" && left && !matrix.contains(event.target)) {
    const inside = event.target.closest("details.case");
    if (inside) inside.open = false;
    left.focus();
    left.scrollIntoView({ block: "center" });
  } else if (event.key === "Escape" && typing) {
    event.target.blur();
  }
});

// Commands

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
}

const button = document.createElement("button");
button.type = "button";
button.className = "copy";
button.textContent = "Copy";
for (const command of document.querySelectorAll(".again code")) command.after(button.cloneNode(true));

document.addEventListener("click", async (event) => {
  const pressed = event.target.closest("button.copy");
  if (!pressed) return;
  await copy(pressed.previousElementSibling.textContent);
  pressed.textContent = "Copied";
  setTimeout(() => (pressed.textContent = "Copy"), 1500);
});
