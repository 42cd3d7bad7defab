// Drives @odata/client, a client of any OData V4 service in JavaScript.
import assert from "node:assert/strict";
import odata from "@odata/client";

const { OData } = odata;
const { ADDRESS, TENANT, CLIENT_ID, CLIENT_SECRET } = process.env;
const SCOPE = "https://api.businesscentral.dynamics.com/.default";

async function signIn() {
  const form = new URLSearchParams({
    grant_type: "client_credentials", client_id: CLIENT_ID, client_secret: CLIENT_SECRET, scope: SCOPE,
  });
  const answer = await fetch(`${ADDRESS}/${TENANT}/oauth2/v2.0/token`, { method: "POST", body: form });
  return (await answer.json()).access_token;
}

const token = await signIn();
const root = `${ADDRESS}/BC/api/v2.0/`;
const options = (serviceEndpoint) => ({
  serviceEndpoint,
  fetchProxy: undefined,
  commonHeaders: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
});
const plain = OData.New4(options(root));
const [company] = await plain.getEntitySet("companies").query();
assert.ok(company.name);
const client = OData.New4(options(`${root}companies(${company.id})/`));

const parts = {
  async reading() {
    const customers = client.getEntitySet("customers");
    const some = await customers.query(client.newParam().top(3).orderby("number", "asc").select(["id", "number", "displayName"]));
    assert.equal(some.length, 3);
    const one = await customers.retrieve(some[0].id);
    assert.equal(one.number, some[0].number);
    const filter = client.newFilter().property("number").eq(some[1].number);
    const found = await customers.query(client.newParam().filter(filter));
    assert.deepEqual(found.map((each) => each.id), [some[1].id]);
    assert.ok((await customers.count()) >= 25);
  },

  async writing() {
    const customers = client.getEntitySet("customers");
    const made = await customers.create({ displayName: "Möbel Ærø", city: "Oslo" });
    assert.equal(made.displayName, "Möbel Ærø");
    await customers.delete(made.id);
    const gone = await customers.find({ displayName: "Möbel Ærø" });
    assert.equal(gone.length, 0);
  },

  async batches() {
    const customers = client.getEntitySet("customers");
    const some = await customers.query(client.newParam().top(2).select(["id", "number"]));
    const collection = `companies(${company.id})/customers`;
    const answers = await plain.execBatchRequests([
      plain.newBatchRequest({ collection, method: "GET", id: some[0].id }),
      plain.newBatchRequest({ collection, method: "GET", params: plain.newParam().top(1) }),
    ]);
    const [one, many] = await Promise.all(answers.map((each) => each.json()));
    assert.equal(one.number, some[0].number);
    assert.equal(many.value.length, 1);
  },

  async refusals() {
    await assert.rejects(client.getEntitySet("nosuchset").query());
    const answer = await client.newRequest({ collection: "customers", params: client.newParam().custom("$filter", "x eq 1") });
    assert.ok(answer.error.code);
  },
};

let failed = 0;
for (const [name, part] of Object.entries(parts)) {
  try {
    await part();
  } catch (problem) {
    failed += 1;
    console.error(name, problem);
  }
}
process.exitCode = failed;
