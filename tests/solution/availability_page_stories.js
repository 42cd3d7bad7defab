// Tells how the page behaves, as JSON: each story calls the page's own functions with a CRM and a feed of its own.
"use strict";

const page = require(process.argv[2]);
const PRODUCT = "5a3c1f52-0f5c-4f44-9d2e-0c1d2e3f4a5b";
const CONNECTION = {
  ilc_odataurl: "https://erp.example:7048/BC/ODataV4/Company('CRONUS')/ProductItemAvailability",
  ilc_odatausername: "SALES",
  ilc_odataaccesskey: "tökèn",
};

function crm(connections, more) {
  return {
    retrieveMultipleRecords: async () => ({ entities: connections }),
    retrieveRecord: async (table, id) => Object.assign(
      { name: "Chair", productnumber: "1000", quantityonhand: 7, modifiedon: "2026-01-02T03:04:05Z", _productid_value: PRODUCT },
      more || {}),
  };
}

function feed(status, body, seen) {
  return async (address, how) => {
    seen.push({ address, how: { ...how, signal: undefined } });
    return { status, ok: status < 300, json: async () => body };
  };
}

const now = () => new Date(0);
const entry = { CRM_ID: PRODUCT.toUpperCase(), UOM: "PCS", Inventory: 12, Projected_Available_Balance: -3 };

async function tellReason(work) {
  try {
    return await work();
  } catch (error) {
    return "refused: " + error.message;
  }
}

async function main() {
  const seen = [];
  const look = (connections, status, body) =>
    page.lookUp(PRODUCT, crm(connections), feed(status, body, seen), now);
  const told = {
    live: await look([CONNECTION], 200, { value: [entry] }),
    unknown: await look([CONNECTION], 200, { value: [] }),
    other: await look([CONNECTION], 200, { value: [{ ...entry, CRM_ID: "another" }] }),
    expired: await look([CONNECTION], 401, {}),
    broken: await look([CONNECTION], 503, {}),
    nonsense: await look([CONNECTION], 200, { error: 1 }),
    none: await look([], 200, {}),
    plain: await look([{ ...CONNECTION, ilc_odataurl: "http://erp.example/ODataV4" }], 200, {}),
    script: await look([{ ...CONNECTION, ilc_odataurl: "javascript:alert(1)" }], 200, {}),
    away: await page.lookUp(PRODUCT, crm([CONNECTION]), async () => { throw new TypeError("blocked"); }, now),
    byData: await page.productOf("?Data=" + PRODUCT, crm([])),
    byLine: await page.productOf("?typename=salesorderdetail&id=%7B" + PRODUCT + "%7D", crm([])),
    writtenIn: await tellReason(() => page.productOf(
      "?typename=salesorderdetail&id=" + PRODUCT, crm([], { _productid_value: null }))),
    foreign: await tellReason(() => page.productOf("?typename=account&id=" + PRODUCT, crm([]))),
    injected: await tellReason(() => page.productOf("?data=x' or '1' eq '1", crm([]))),
    local: page.feedAddress("http://127.0.0.1:7048/BC/ODataV4/", PRODUCT),
    seen: seen[0],
  };
  process.stdout.write(JSON.stringify(told));
}

main();
