// Drives dynamics-web-api, a client of Dataverse's Web API in JavaScript.
import assert from "node:assert/strict";
import { DynamicsWebApi } from "dynamics-web-api";

const { ADDRESS, TENANT, CLIENT_ID, CLIENT_SECRET } = process.env;

async function signIn() {
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: CLIENT_ID,
    client_secret: CLIENT_SECRET,
    scope: `${ADDRESS}/.default`,
  });
  const answer = await fetch(`${ADDRESS}/${TENANT}/oauth2/v2.0/token`, { method: "POST", body: form });
  return (await answer.json()).access_token;
}

const token = await signIn();
const api = new DynamicsWebApi({
  serverUrl: ADDRESS,
  dataApi: { version: "9.2" },
  onTokenRefresh: async () => token,
});

const parts = {
  async identity() {
    const who = await api.callFunction({ name: "WhoAmI" });
    assert.ok(who.UserId && who.OrganizationId);
  },

  async records() {
    const made = await api.create({
      collection: "accounts",
      data: { name: "Möbel Ærø", numberofemployees: 12 },
      returnRepresentation: true,
      select: ["name", "accountid"],
    });
    assert.equal(made.name, "Möbel Ærø");
    const id = made.accountid;
    await api.update({ collection: "accounts", key: id, data: { telephone1: "+49 1" } });
    const read = await api.retrieve({
      collection: "accounts", key: id, select: ["name", "telephone1", "statecode"],
      includeAnnotations: "OData.Community.Display.V1.FormattedValue",
    });
    assert.equal(read.telephone1, "+49 1");
    assert.equal(read["statecode@OData.Community.Display.V1.FormattedValue"], "Active");
    assert.equal(await api.update({
      collection: "accounts", key: id, data: { name: "Other" }, ifmatch: 'W/"1"',
    }), false);
    const again = await api.retrieve({ collection: "accounts", key: id, select: ["name"] });
    assert.equal(again.name, "Möbel Ærø");
    await api.updateSingleProperty({ collection: "accounts", key: id, fieldValuePair: { fax: "7" } });
    assert.equal(await api.retrieve({ collection: "accounts", key: id, select: ["fax"] }).then((r) => r.fax), "7");
    await api.upsert({
      collection: "accounts",
      key: "ilc_companyid='c',ilc_erptable='Customer',ilc_erpkey='K1'",
      data: { name: "By key" },
    });
    const byKey = await api.retrieve({
      collection: "accounts", key: "ilc_companyid='c',ilc_erptable='Customer',ilc_erpkey='K1'", select: ["name"],
    });
    assert.equal(byKey.name, "By key");
    await api.deleteRecord({ collection: "accounts", key: id });
    await assert.rejects(
      api.retrieve({ collection: "accounts", key: id, select: ["name"] }),
      (refusal) => refusal.status === 404 && refusal.code === "0x80040217",
    );
  },

  async paging() {
    for (let number = 0; number < 7; number += 1)
      await api.create({ collection: "accounts", data: { name: `Paged ${number}` } });
    const request = {
      collection: "accounts", select: ["name"], filter: "startswith(name,'Paged')",
      orderBy: ["name desc"], maxPageSize: 3, count: true,
    };
    const first = await api.retrieveMultiple(request);
    assert.equal(first.oDataCount, 7);
    assert.equal(first.value.length, 3);
    const second = await api.retrieveMultiple(request, first.oDataNextLink);
    assert.deepEqual(second.value.map((each) => each.name), ["Paged 3", "Paged 2", "Paged 1"]);
    const all = await api.retrieveAll({ collection: "accounts", select: ["name"], filter: "startswith(name,'Paged')" });
    assert.equal(all.value.length, 7);
    assert.equal(await api.count({ collection: "accounts", filter: "name eq 'Paged 4'" }), 1);
  },

  async relations() {
    const contact = await api.create({ collection: "contacts", data: { lastname: "Lovelace" } });
    const account = await api.create({
      collection: "accounts",
      data: { name: "With contact", "primarycontactid@odata.bind": `contacts(${contact})` },
    });
    const read = await api.retrieve({
      collection: "accounts", key: account, select: ["name"],
      expand: [{ property: "primarycontactid", select: ["lastname"] }],
    });
    assert.equal(read.primarycontactid.lastname, "Lovelace");
    await api.associate({
      collection: "accounts", primaryKey: account, relationshipName: "contact_customer_accounts",
      relatedCollection: "contacts", relatedKey: contact,
    });
    const related = await api.retrieveMultiple({
      collection: `accounts(${account})/contact_customer_accounts`, select: ["lastname"],
    });
    assert.equal(related.value.length, 1);
    await api.disassociate({
      collection: "accounts", primaryKey: account, relationshipName: "contact_customer_accounts",
      relatedKey: contact,
    });
    await api.disassociateSingleValued({
      collection: "accounts", primaryKey: account, navigationProperty: "primarycontactid",
    });
    const bare = await api.retrieve({ collection: "accounts", key: account, select: ["_primarycontactid_value"] });
    assert.equal(bare._primarycontactid_value, null);
  },

  async batches() {
    api.startBatch();
    api.create({ collection: "contacts", data: { lastname: "Byron" }, contentId: "1" });
    api.create({ collection: "accounts", data: { name: "Joined", "primarycontactid@odata.bind": "$1" } });
    const [contact, account] = await api.executeBatch();
    assert.match(contact, /^[0-9a-f-]{36}$/);
    assert.match(account, /^[0-9a-f-]{36}$/);
    api.startBatch();
    api.retrieve({ collection: "accounts", key: account, select: ["name", "_primarycontactid_value"] });
    api.retrieveMultiple({ collection: "accounts", select: ["name"], filter: "name eq 'Joined'" });
    const [read, list] = await api.executeBatch();
    assert.equal(read._primarycontactid_value, contact);
    assert.equal(list.value.length, 1);
    api.startBatch();
    api.create({ collection: "accounts", data: { name: "Undone" } });
    api.update({ collection: "accounts", key: "00000000-0000-4000-8000-000000000001", data: { name: "Nobody" } });
    await assert.rejects(api.executeBatch());
    assert.equal(await api.count({ collection: "accounts", filter: "name eq 'Undone'" }), 0);
  },

  async changes() {
    const begun = await api.retrieveMultiple({ collection: "accounts", select: ["name"], trackChanges: true });
    const link = begun.oDataDeltaLink;
    assert.ok(link);
    const account = await api.create({ collection: "accounts", data: { name: "Tracked" } });
    const since = await api.retrieveMultiple({
      collection: "accounts", select: ["name"], deltaLink: undefined,
    }, link);
    assert.deepEqual(since.value.map((each) => each.accountid), [account]);
  },

  async metadata() {
    const account = await api.retrieveEntity({
      key: "LogicalName='account'", select: ["LogicalName", "EntitySetName", "MetadataId"],
    });
    assert.equal(account.EntitySetName, "accounts");
    const many = await api.retrieveEntities({ select: ["LogicalName"], filter: "LogicalName eq 'salesorder'" });
    assert.equal(many.value.length, 1);
    const columns = await api.retrieveAttributes({
      entityKey: "LogicalName='account'", select: ["LogicalName"],
    });
    assert.ok(columns.value.some((each) => each.LogicalName === "ilc_erpkey"));
    const name = await api.retrieveAttribute({
      entityKey: "LogicalName='account'", attributeKey: "LogicalName='name'",
      castType: "Microsoft.Dynamics.CRM.StringAttributeMetadata", select: ["MaxLength"],
    });
    assert.equal(name.MaxLength, 160);
    const relations = await api.retrieveRelationships({
      castType: "Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata",
      select: ["SchemaName"], filter: "ReferencedEntity eq 'account'",
    });
    assert.ok(relations.value.length > 0);
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
