// The menu of a row: what the row's own links and buttons do, in a list under the row, by Shift+F10 or its "⋮".
"use strict";

(() => {
  const words = () => document.getElementById("script-words")?.dataset || {};
  const nameOf = (each) => (each.getAttribute("aria-label") || each.textContent).replace(/\s+/g, " ").trim();

  // What stands in a column is told with the column's name.
  function captionOf(each) {
    const column = each.closest("[data-label]")?.dataset.label, name = nameOf(each);
    return column && name ? `${column}: ${name}` : name;
  }

  // Each is pressed where it stands, so that the menu can do what the row can and nothing else.
  function entriesOf(row, cell) {
    const entries = [...row.querySelectorAll("a[href], button:not(.row-menu, .inline *, .copied *), summary:not(.copied *)")]
      .map((each) => ({ caption: captionOf(each), why: each.ariaDisabled === "true" ? each.title : "", press: () => each.click() }))
      .filter(({ caption }) => caption);
    const box = row.querySelector(".check input");
    if (box) entries.push({ caption: words().choose, press: () => box.click() });
    const value = cell?.closest("[data-filter-by]") || row.querySelector("[data-filter-by]");
    const head = value?.dataset.label;
    if (value) entries.push({ caption: `${words().filter}: ${head} ${value.dataset.filterValue}`, press: () => window.interlace.filterTo(value) });
    return entries;
  }

  function openRowMenu(row, at) {
    const entries = entriesOf(row, at?.closest?.("td, th"));
    if (!entries.length) return false;
    const dialog = document.createElement("dialog");
    dialog.className = "menu-of-row";
    dialog.setAttribute("aria-label", row.querySelector(".row-menu")?.ariaLabel || words().menu);
    const list = document.createElement("div");
    list.setAttribute("role", "menu");
    list.append(...entries.map((each) => itemOf(each, dialog)));
    dialog.append(list);
    dialog.addEventListener("keydown", (event) => move(event, dialog));
    // A click beside the menu is one on its backdrop.
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    dialog.addEventListener("close", () => dialog.remove());
    // Inside the row's region, which is not exchanged while something in it is open.
    (row.closest("[data-live-region]") || document.body).append(dialog);
    dialog.showModal();
    placeBeside(dialog, (at || row).getBoundingClientRect());
    dialog.querySelector("[role=menuitem]").focus();
    return true;
  }

  function itemOf(entry, dialog) {
    const item = document.createElement("button");
    item.type = "button";
    item.setAttribute("role", "menuitem");
    item.textContent = entry.caption;
    if (entry.why) {
      item.ariaDisabled = "true";
      item.title = entry.why;
    } else item.addEventListener("click", () => { dialog.close(); entry.press(); });
    return item;
  }

  function move(event, dialog) {
    const items = [...dialog.querySelectorAll("[role=menuitem]")], at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[event.key];
    if (event.key === "Tab") { event.preventDefault(); dialog.close(); return; }
    if (to === undefined) return;
    event.preventDefault();
    items[to % items.length].focus();
  }

  // Below what it belongs to, or above where there is no room.
  function placeBeside(dialog, of) {
    const { width, height } = dialog.getBoundingClientRect();
    const below = of.bottom + height <= innerHeight ? of.bottom : Math.max(0, of.top - height);
    dialog.style.top = `${below}px`;
    dialog.style.left = `${Math.max(0, Math.min(of.left, innerWidth - width))}px`;
  }

  Object.assign(window.interlace, { openRowMenu, placeBeside });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".row-menu");
    if (button) openRowMenu(button.closest("tr"), button);
  });
})();
