/*
 * The ERP's stock of the moment, for people who sell.
 *
 * On a form it is a button: Interlace.Availability.open opens the page for the form's product. On the page it asks
 * the feed of the ERP with the token of the connection record, and shows what the feed says. Where the feed can't be
 * asked, it shows the quantity that Interlace wrote into the product, and how old that is. It changes nothing.
 */
"use strict";

var Interlace = typeof Interlace === "object" ? Interlace : {};

Interlace.Availability = (function () {
  const PAGE = "ilc_availability.html";
  const FEED = "ProductItemAvailability";
  const PATIENCE = 8000;
  const CONNECTION_COLUMNS = "ilc_odataurl,ilc_odatausername,ilc_odataaccesskey";
  const PRODUCT_COLUMNS = "name,productnumber,quantityonhand,quantitydecimal,modifiedon";
  const LINE_TABLES = ["salesorderdetail", "quotedetail", "opportunityproduct", "invoicedetail"];
  const ID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

  /* A reason that people can do something about; its text is shown as it is. */
  class Unavailable extends Error {}

  function plainId(text) {
    const id = String(text || "").replace(/[{}]/g, "").toLowerCase();
    return ID.test(id) ? id : "";
  }

  /* The button's command: `form` is the form context, or the execution context of a form event. */
  function open(form) {
    const context = form && form.getFormContext ? form.getFormContext() : form;
    const attribute = context && context.getAttribute("productid");
    const chosen = attribute && attribute.getValue();
    if (!chosen || !chosen.length) {
      return Xrm.Navigation.openAlertDialog({ text: "Choose a product first; written-in products have no stock." });
    }
    const page = { pageType: "webresource", webresourceName: PAGE, data: plainId(chosen[0].id) };
    const dialog = { target: 2, position: 1, width: 420, height: 300, title: "Item Availability" };
    return Xrm.Navigation.navigateTo(page, dialog);
  }

  /* What the page's address names: a product, or a line whose product is asked for. */
  async function productOf(search, api) {
    const given = new URLSearchParams(search);
    const named = plainId(given.get("data") || given.get("Data"));
    if (named) {
      return named;
    }
    const table = given.get("typename");
    const record = plainId(given.get("id"));
    if (table === "product" && record) {
      return record;
    }
    if (!record || !LINE_TABLES.includes(table)) {
      throw new Unavailable("Save the line with a product first; then its stock is shown here.");
    }
    const line = await api.retrieveRecord(table, record, "?$select=_productid_value");
    const product = plainId(line._productid_value);
    if (!product) {
      throw new Unavailable("This line has a written-in product, which the ERP keeps no stock of.");
    }
    return product;
  }

  async function connection(api) {
    const query = "?$select=" + CONNECTION_COLUMNS + "&$filter=statecode eq 0 and ilc_odataurl ne null&$top=1";
    const found = await api.retrieveMultipleRecords("ilc_connection", query);
    if (!found.entities.length) {
      throw new Unavailable("The connection to the ERP is not set up in this CRM.");
    }
    return found.entities[0];
  }

  function feedAddress(base, product) {
    let address;
    try {
      address = new URL(base);
    } catch (error) {
      throw new Unavailable("The address of the ERP in the connection record is no web address.");
    }
    const isLocal = address.hostname === "localhost" || address.hostname === "127.0.0.1";
    if (address.protocol !== "https:" && !isLocal) {
      throw new Unavailable("The address of the ERP in the connection record must begin with https.");
    }
    const path = address.pathname.replace(/\/+$/, "").replace(new RegExp("/" + FEED + "$"), "");
    return address.origin + path + "/" + FEED + "?$filter=" + encodeURIComponent("CRM_ID eq " + product);
  }

  function basic(user, token) {
    const bytes = new TextEncoder().encode(user + ":" + token);
    return "Basic " + btoa(String.fromCharCode(...bytes));
  }

  /* The feed's entry of a product, or null where the ERP knows no item for it. */
  async function askFeed(where, product, fetchFrom) {
    const address = feedAddress(where.ilc_odataurl, product);
    const headers = {
      Accept: "application/json",
      Authorization: basic(where.ilc_odatausername || "", where.ilc_odataaccesskey || ""),
    };
    let answer;
    try {
      const signal = AbortSignal.timeout(PATIENCE);
      const how = { headers, credentials: "omit", redirect: "error", cache: "no-store", signal };
      answer = await fetchFrom(address, how);
    } catch (error) {
      throw new Unavailable("The ERP does not answer, or does not let pages of this CRM ask it.");
    }
    if (answer.status === 401 || answer.status === 403) {
      throw new Unavailable("The ERP does not accept the token; it may have expired. Please tell your administrator.");
    }
    if (!answer.ok) {
      throw new Unavailable("The ERP answered with an error (" + answer.status + ").");
    }
    let entries;
    try {
      entries = (await answer.json()).value;
    } catch (error) {
      entries = null;
    }
    if (!Array.isArray(entries)) {
      throw new Unavailable("The ERP's answer could not be understood.");
    }
    return entries.find((entry) => plainId(entry.CRM_ID) === product) || null;
  }

  function quantity(number, unit, decimals) {
    if (typeof number !== "number") {
      return "–";
    }
    const options = typeof decimals === "number" ? { maximumFractionDigits: decimals } : {};
    return (number.toLocaleString(undefined, options) + " " + (unit || "")).trim();
  }

  /* Everything that the page shows about a product. */
  async function lookUp(product, api, fetchFrom, now) {
    const record = await api.retrieveRecord("product", product, "?$select=" + PRODUCT_COLUMNS);
    const title = [record.name, record.productnumber].filter(Boolean).join(" · ");
    try {
      const entry = await askFeed(await connection(api), product, fetchFrom);
      if (entry === null) {
        throw new Unavailable("The ERP knows no item for this product.");
      }
      return {
        title,
        inventory: quantity(entry.Inventory, entry.UOM),
        projected: quantity(entry.Projected_Available_Balance, entry.UOM),
        age: "As of " + now().toLocaleTimeString(),
        remark: "",
      };
    } catch (error) {
      if (!(error instanceof Unavailable)) {
        throw error;
      }
      const known = typeof record.quantityonhand === "number";
      return {
        title,
        inventory: quantity(record.quantityonhand, "", record.quantitydecimal),
        projected: "–",
        age: known ? "As of the last synchronization, " + new Date(record.modifiedon).toLocaleString() : "",
        remark: error.message,
      };
    }
  }

  function show(page, found) {
    const put = (id, text) => { page.getElementById(id).textContent = text; };
    put("product", found.title || "Item availability");
    put("inventory", found.inventory || "");
    put("projected", found.projected || "");
    put("age", found.age || "");
    put("remark", found.remark || "");
    page.getElementById("figures").hidden = !found.inventory;
    page.getElementById("again").hidden = false;
    page.getElementById("availability").setAttribute("aria-busy", "false");
  }

  async function run(page, search, api, fetchFrom, now) {
    try {
      show(page, await lookUp(await productOf(search, api), api, fetchFrom, now));
    } catch (error) {
      const refused = "This CRM does not let you read the stock. Ask for the role Interlace Availability User.";
      show(page, { remark: error instanceof Unavailable ? error.message : refused });
    }
  }

  /* Starts the page; the CRM's own interface is that of the window which shows it. */
  function start(view) {
    const crm = view.Xrm || (view.parent && view.parent.Xrm);
    if (!crm || !crm.WebApi) {
      show(view.document, { remark: "Open this page from a record of the CRM." });
      return Promise.resolve();
    }
    const ask = () => run(
      view.document, view.location.search, crm.WebApi, view.fetch.bind(view), () => new Date());
    view.document.getElementById("again").addEventListener("click", ask);
    return ask();
  }

  return { open, start, lookUp, productOf, feedAddress };
})();

if (typeof document === "object" && document.getElementById("availability")) {
  Interlace.Availability.start(window);
}

if (typeof module === "object") {
  module.exports = Interlace.Availability;
}
