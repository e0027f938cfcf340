"use strict";
// Filters of the matrix, which the address of the page contains; the arrow keys in the matrix; and
// buttons that copy commands.

const matrix = document.querySelector("#matrix table");
const filters = document.querySelector("#filters");
const VIEW = "#view?";

// Filters

const rows = [...matrix.querySelectorAll("tr.case")].map((row) => ({
  row,
  kind: row.parentElement.dataset.kind,
  text: (row.cells[0].textContent + " " + row.cells[row.cells.length - 1].textContent).toLowerCase(),
  cells: [...row.querySelectorAll("td[data-v]")],
}));

// Return the values of the filters that are set, by name.
function readFilters() {
  const view = {};
  for (const [name, value] of new FormData(filters)) if (value) view[name] = value;
  return view;
}

// Return whether a cell has one of the outcomes of a view, in the check of the view.
function hasOutcome(cell, view) {
  if (!view.check && !view.outcome) return true;
  const checks = Number(filters.dataset.checks);
  const letters = [...cell.dataset.v].filter((_, i) => !view.check || i % checks === view.check - 1);
  return letters.some((letter) => !view.outcome || view.outcome.includes(letter));
}

// Show the rows that match a view, and dim the cells that do not.
function applyView(view) {
  const words = (view.text || "").toLowerCase().split(/\s+/).filter(Boolean);
  const port = view.port - 1;
  let shown = 0;
  for (const { row, kind, text, cells } of rows) {
    const candidates = view.port ? [cells[port]] : cells;
    const hits = cells.map((cell) => candidates.includes(cell) && hasOutcome(cell, view));
    const matches = (!view.kind || view.kind === kind) && words.every((word) => text.includes(word));
    const visible = matches && hits.some(Boolean);
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

// Store a view in the address of the page.
function storeView(view) {
  const query = new URLSearchParams(view).toString();
  history.replaceState(null, "", query ? VIEW + query : location.pathname + location.search);
}

// Return the element that a part of an address after # names, or null.
function findElement(hash) {
  try {
    return document.getElementById(decodeURIComponent(hash.slice(1)));
  } catch {
    return null; // not a valid encoding
  }
}

// Restore the view in the address of the page, or open the element that it names.
function restoreView() {
  if (!location.hash.startsWith(VIEW)) {
    const element = findElement(location.hash);
    if (element && element.closest("details:not([open])")) openElement(element);
    return;
  }
  const view = new URLSearchParams(location.hash.slice(VIEW.length));
  for (const field of filters.elements) if (field.name) field.value = view.get(field.name) || "";
  applyView(readFilters());
  document.querySelector("#matrix").scrollIntoView();
}

function updateView() {
  const view = readFilters();
  applyView(view);
  storeView(view);
}

filters.hidden = false;
filters.addEventListener("input", updateView);
filters.addEventListener("submit", (event) => event.preventDefault());
filters.addEventListener("reset", () => setTimeout(updateView));
addEventListener("hashchange", restoreView);
addEventListener("load", restoreView);

// Keys

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
let origin = null; // the link in the matrix from which an answer was opened

// Move the focus from a cell to a neighbour.
function moveFocus(cell, [down, right]) {
  let row = cell.parentElement;
  const column = cell.cellIndex + right;
  if (down) {
    const visible = [...matrix.rows].filter((each) => each.offsetParent && each.querySelector("td a"));
    row = visible[visible.indexOf(row) + down] || row;
  }
  const link = row.cells[column] && row.cells[column].querySelector("a");
  if (link) link.focus();
}

// Open all folds around an element, and move the focus there.
function openElement(element) {
  for (let fold = element; fold; fold = fold.parentElement)
    if (fold.tagName === "DETAILS") fold.open = true;
  const container = element.closest("article, details");
  element.scrollIntoView();
  container.tabIndex = -1;
  container.focus({ preventScroll: true });
}

matrix.addEventListener("keydown", (event) => {
  const cell = event.target.closest("td, th");
  const step = STEPS[event.key];
  if (!cell || !step || event.target.tagName === "INPUT") return;
  event.preventDefault();
  moveFocus(cell, step);
});

matrix.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  const element = link && findElement(link.hash);
  if (!element || event.ctrlKey || event.metaKey || event.shiftKey) return;
  origin = link;
  // The browser follows the link first, and would otherwise move the focus back.
  if (element.closest("#cases")) setTimeout(openElement, 0, element);
});

matrix.addEventListener("mouseover", (event) => {
  const link = event.target.closest("a[aria-label]");
  if (link) link.title = link.getAttribute("aria-label");
});

addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input:not([type=checkbox]), select, textarea");
  if (event.key === "/" && !isTyping) {
    event.preventDefault();
    filters.elements.text.focus();
  } else if (event.key === "Escape" && origin && !matrix.contains(event.target)) {
    const details = event.target.closest("details.case");
    if (details) details.open = false;
    origin.focus();
    origin.scrollIntoView({ block: "center" });
  } else if (event.key === "Escape" && isTyping) {
    event.target.blur();
  }
});

// Commands

async function copyText(text) {
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
  await copyText(pressed.previousElementSibling.textContent);
  pressed.textContent = "Copied";
  setTimeout(() => (pressed.textContent = "Copy"), 1500);
});
