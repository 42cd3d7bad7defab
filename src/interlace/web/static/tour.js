// The tour of a page: from part to part, each in a frame, with what it is for beside it.
"use strict";

(() => {
  const isSeen = (each) => each.getClientRects().length > 0;

  function stops(tour) {
    return [...tour.children]
      .map((each) => ({ text: each.textContent, part: [...document.querySelectorAll(each.dataset.part)].find(isSeen) }))
      .filter(({ part }) => part);
  }

  function begin(tour) {
    const found = stops(tour);
    let at = 0;
    const dialog = document.createElement("dialog");
    dialog.className = "tour";
    const place = document.createElement("p");
    place.className = "quiet-text";
    const text = document.createElement("p");
    text.id = "tour-text";
    text.setAttribute("aria-live", "polite");
    dialog.setAttribute("aria-labelledby", text.id);
    const buttons = document.createElement("div");
    buttons.className = "buttons";
    const [previous, next, close] = [tour.dataset.previous, tour.dataset.next, tour.dataset.close].map((caption) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button";
      button.textContent = caption;
      return button;
    });
    next.classList.add("primary");
    buttons.append(previous, next, close);
    dialog.append(place, text, buttons);

    function show(number) {
      found[at].part.classList.remove("toured");
      at = Math.min(found.length - 1, Math.max(0, number));
      const { part } = found[at];
      part.classList.add("toured");
      part.scrollIntoView({ block: "center" });
      text.textContent = found[at].text;
      place.textContent = tour.dataset.place.replace("{number}", at + 1).replace("{total}", found.length);
      previous.hidden = at === 0;
      next.hidden = at === found.length - 1;
      (next.hidden ? close : next).focus();
      window.interlace.placeBeside(dialog, part.getBoundingClientRect());
    }

    previous.addEventListener("click", () => show(at - 1));
    next.addEventListener("click", () => show(at + 1));
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "ArrowRight") show(at + 1);
      if (event.key === "ArrowLeft") show(at - 1);
    });
    dialog.addEventListener("close", () => { found[at].part.classList.remove("toured"); dialog.remove(); });
    document.body.append(dialog);
    dialog.showModal();
    show(0);
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-tour]")) begin(document.getElementById("tour"));
  });
})();
