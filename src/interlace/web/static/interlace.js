// Live regions, confirmations and kept forms. Every page and form works without this script.
"use strict";

(() => {
  const POLL_MS = 5000;
  const WORKING_MS = 400;
  const TOLD_MS = 2500;
  const LIVE = document.body.dataset.live;

  // Live regions: when something has changed the page is fetched again and its regions are exchanged.

  let looking = false;
  let again = false;

  function isBusy(region) {
    const active = document.activeElement;
    // Whoever has ticked rows is about to do something with them; columns that are shown are ticked, too.
    return (active && region.contains(active) && active.matches("input, select, textarea")) || region.querySelector("dialog[open], :is(td, th).check input:checked, .ticked input:checked");
  }

  async function lookAgain() {
    if (looking) { again = true; return; }
    const regions = document.querySelectorAll("[data-live-region]");
    if (!regions.length || document.hidden) return;
    looking = true;
    try {
      const answer = await fetch(location.href, { headers: { "Interlace-Live": "1" }, redirect: "manual" });
      if (answer.type === "opaqueredirect" || answer.status === 401) { isOut = true; stale(true); return; }
      if (!answer.ok) { stale(true); return; }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const region of [...regions, ...document.querySelectorAll("[data-live-beside]")]) {
        const newer = page.getElementById(region.id);
        if (!newer && region.querySelector("[data-live-poll]")) { location.reload(); return; }
        if (newer && !isBusy(region) && newer.innerHTML !== region.innerHTML) exchange(region, newer);
      }
      stale(false);
    } catch { stale(true); } finally {
      looking = false;
      if (again) { again = false; lookAgain(); }
    }
  }

  function exchange(region, newer) {
    const focused = region.contains(document.activeElement) ? pathTo(region, document.activeElement) : null;
    const nameOf = (each) => (each.closest(".copied") || each).textContent;
    const opened = new Set([...region.querySelectorAll("details[open] > summary")].map(nameOf));
    const scrolled = [...region.querySelectorAll(".list")].map((each) => each.scrollLeft);
    region.replaceChildren(...newer.childNodes);
    region.querySelectorAll("details > summary").forEach((each) => { if (opened.has(nameOf(each))) each.parentElement.open = true; });
    region.querySelectorAll(".list").forEach((each, place) => { each.scrollLeft = scrolled[place] || 0; });
    if (focused) focusAgain(followed(region, focused));
    bind(region);
    pollWhileWorking();
  }

  function pathTo(root, node) {
    const path = [];
    for (let at = node; at !== root; at = at.parentElement) path.unshift([...at.parentElement.children].indexOf(at));
    return path;
  }

  function followed(root, path) {
    let at = root;
    for (const place of path) { at = at?.children[place]; }
    return at;
  }

  function focusAgain(at) {
    if (at?.matches("tr, td, th")) at.tabIndex = -1;
    at?.focus({ preventScroll: true });
  }

  // A part that is being worked on outside the store says how often to look.
  let polling = 0;
  function pollWhileWorking() {
    const working = document.querySelector("[data-live-poll]");
    clearTimeout(polling);
    if (working) polling = setTimeout(() => lookAgain().then(pollWhileWorking), Number(working.dataset.livePoll));
  }

  // What can't be renewed says so in words, since when, and how to look again.

  const words = document.getElementById("script-words")?.dataset || {};
  let heardAt = new Date();
  let isOut = false;

  function stale(isStale) {
    const told = document.getElementById("stale");
    if (!isStale) { heardAt = new Date(); told?.replaceChildren(); return; }
    if (!told || told.firstChild) return;
    const text = document.createElement("span");
    text.textContent = words.stale.replace("{time}", timeOf(heardAt));
    // Whoever is signed out comes by the page itself to where he signs in.
    told.append(text, makeButton(words.again, "button", () => { if (isOut) location.reload(); else lookAgain(); }));
  }

  function timeOf(moment) {
    const format = { hour: "numeric", minute: "2-digit", second: "2-digit" };
    try {
      return moment.toLocaleTimeString(document.documentElement.lang, { ...format, timeZone: words.zone });
    } catch { return moment.toLocaleTimeString(document.documentElement.lang, format); }
  }

  function listen() {
    if (!LIVE || !document.querySelector("[data-live-region]")) return;
    let token = null;
    const heard = (newer) => { if (token !== null && newer !== token) lookAgain(); token = newer; };
    const poll = async () => {
      try {
        const answer = await fetch(`${LIVE}/token`, { redirect: "manual" });
        if (answer.ok) { heard((await answer.json()).token); stale(false); } else stale(true);
      } catch { stale(true); }
    };
    if (window.EventSource) {
      const source = new EventSource(LIVE);
      let polling = 0;
      source.addEventListener("changed", (event) => { heard(event.data); stale(false); });
      source.addEventListener("open", () => { clearInterval(polling); polling = 0; });
      source.addEventListener("error", () => {
        if (polling) return;
        // Until now the stream would have told of any change.
        heardAt = new Date();
        polling = setInterval(poll, POLL_MS);
      });
      window.addEventListener("pagehide", () => source.close());
    } else {
      setInterval(poll, POLL_MS);
    }
    document.addEventListener("visibilitychange", () => { if (!document.hidden) lookAgain(); });
  }

  // Confirmations: asked in a dialog of the page, Y and N answer it.

  function confirmed(form, submitter, question) {
    const dialog = document.createElement("dialog");
    dialog.className = "question";
    const text = document.createElement("p");
    text.id = "question";
    text.textContent = question;
    dialog.setAttribute("aria-labelledby", text.id);
    const buttons = document.createElement("div");
    buttons.className = "buttons";
    const yes = makeButton(words.yes, "button primary", () => { dialog.close("yes"); });
    const no = makeButton(words.no, "button", () => { dialog.close("no"); });
    buttons.append(yes, no);
    dialog.append(text, buttons);
    dialog.addEventListener("keydown", (event) => {
      const letter = window.interlace.letterOf(event);
      if (letter === "Y") dialog.close("yes");
      if (letter === "N") dialog.close("no");
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (dialog.returnValue === "yes") { form.dataset.confirmed = "1"; form.requestSubmit(submitter); }
    });
    document.body.append(dialog);
    dialog.showModal();
    yes.focus();
  }

  function makeButton(caption, style, action) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = style;
    button.textContent = caption;
    button.addEventListener("click", action);
    return button;
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    // A form with several buttons asks what the pressed one says.
    const question = event.submitter?.dataset.confirm || form.dataset.confirm;
    if (question && !form.dataset.confirmed) { event.preventDefault(); confirmed(form, event.submitter, question); return; }
    working(true);
    if (form.method.toLowerCase() !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    form.querySelectorAll("button[type=submit]").forEach((each) => each.setAttribute("aria-busy", "true"));
  });

  // What takes longer than a moment says that it is being done.

  let workingSoon = 0;
  function working(isWorking) {
    const told = document.getElementById("working");
    clearTimeout(workingSoon);
    if (isWorking) workingSoon = setTimeout(() => told?.replaceChildren(words.working), WORKING_MS); else told?.replaceChildren();
  }

  // Details are put on the clipboard; where browsers allow no clipboard (plain http), they are marked and copied.

  async function copy(shown) {
    try { await navigator.clipboard.writeText(shown.textContent); } catch {
      getSelection().selectAllChildren(shown);
      document.execCommand("copy");
    }
    const told = document.getElementById("working");
    told?.classList.add("at-once");
    told?.replaceChildren(words.copied);
    setTimeout(() => { told?.replaceChildren(); told?.classList.remove("at-once"); }, TOLD_MS);
  }

  window.addEventListener("pageshow", () => {
    working(false);
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      delete form.dataset.confirmed;
      form.querySelectorAll("[aria-busy]").forEach((each) => each.removeAttribute("aria-busy"));
    });
  });

  // Forms that are checked while they are typed: the page says what is wrong, and only that is exchanged.

  let checks = 0, checkSoon = 0;
  function checkTyped(form) {
    const turn = ++checks, sent = new URLSearchParams(new FormData(form));
    sent.set(form.dataset.checks, "check");
    fetch(form.getAttribute("action"), { method: "POST", body: sent }).then(async (answer) => {
      if (!answer.ok || answer.redirected) return;
      const newer = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (turn === checks) takeMarks(form, newer);
    }).catch(() => {});
  }
  function takeMarks(form, newer) {
    form.querySelectorAll(".field").forEach((field) => {
      const entered = field.querySelector("[id^=field-]"), theirs = entered && newer.getElementById(entered.id);
      if (!theirs) return;
      const frame = theirs.closest(".field"), error = frame.querySelector(".error");
      field.classList.toggle("wrong", frame.classList.contains("wrong"));
      field.querySelector(".error")?.remove();
      if (error) entered.after(error);
      ["aria-invalid", "aria-describedby"].forEach((name) => {
        if (theirs.hasAttribute(name)) entered.setAttribute(name, theirs.getAttribute(name)); else entered.removeAttribute(name);
      });
    });
    form.querySelectorAll("[data-checked]").forEach((region) => {
      const theirs = newer.getElementById(region.id);
      if (theirs && theirs.innerHTML !== region.innerHTML) region.replaceChildren(...theirs.childNodes);
    });
  }
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-checks]");
    if (!form) return;
    clearTimeout(checkSoon);
    checkSoon = setTimeout(() => checkTyped(form), 500);
  });

  // What was typed is not left behind unasked.

  const edited = new Set();
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-kept]");
    if (form) edited.add(form);
  });
  document.addEventListener("submit", (event) => edited.delete(event.target));
  window.addEventListener("beforeunload", (event) => { if (edited.size) event.preventDefault(); });

  // Parts of pages.

  function bind(root) {
    root.querySelectorAll("[data-opens]").forEach((button) => {
      button.addEventListener("click", (event) => {
        const dialog = document.getElementById(button.dataset.opens);
        if (dialog?.showModal) { event.preventDefault(); dialog.showModal(); }
      });
    });
    root.querySelectorAll("dialog [data-closes]").forEach((button) => button.addEventListener("click", () => button.closest("dialog").close()));
    root.querySelectorAll("[data-check-all]").forEach((box) => {
      box.addEventListener("change", () => document.querySelectorAll(`input[name="${CSS.escape(box.dataset.checkAll)}"]`).forEach((each) => { each.checked = box.checked; }));
    });
    root.querySelectorAll("[data-copies]").forEach((button) => {
      button.addEventListener("click", () => copy(button.closest(".copied").querySelector("pre")));
    });
    // Another answer asks other questions: what is typed is kept, and the page comes back with them.
    root.querySelectorAll("[data-keeps] select").forEach((select) => {
      select.addEventListener("change", () => {
        const only = document.createElement("input");
        only.type = "hidden";
        only.name = select.closest("[data-keeps]").dataset.keeps;
        only.value = "1";
        select.form.append(only);
        select.form.requestSubmit();
      });
    });
    root.querySelectorAll("[data-takes]").forEach((button) => {
      button.addEventListener("click", () => {
        button.closest("form").querySelectorAll(`input[type=radio][value="${button.dataset.takes}"]`).forEach((each) => { each.checked = true; });
        button.closest("form").dispatchEvent(new Event("input", { bubbles: true }));
      });
    });
    root.querySelectorAll("select[data-goes]").forEach((each) => each.addEventListener("change", () => each.form.requestSubmit()));
  }

  // Where the menu is wider than the screen, the current page is brought into sight.
  document.querySelectorAll(":is(.menu, .sections) [aria-current]").forEach((each) => {
    const row = each.closest("nav");
    row.scrollLeft = each.offsetLeft - (row.clientWidth - each.offsetWidth) / 2;
  });

  document.documentElement.classList.add("scripted");
  bind(document);
  document.addEventListener("look-again", lookAgain);
  listen();
  pollWhileWorking();
})();
