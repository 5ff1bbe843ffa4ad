// Makes calls with the vendor's own clients: one JSON request a line on standard input, one JSON answer a line on
// standard output. A request is {client, service, action, params, key}; see CLIENTS below for the clients.
"use strict";

const readline = require("node:readline");

const VERSIONS = { vod: "2017-03-21", cdn: "2018-05-10" };

function openApiConfig(key) {
  const { $OpenApiUtil } = require("@alicloud/openapi-core");
  return new $OpenApiUtil.Config({
    accessKeyId: key.id,
    accessKeySecret: key.secret,
    securityToken: key.token,
    endpoint: key.endpoint,
    protocol: "http",
  });
}

const CLIENTS = {
  // The client of one service: models in and out, signature version 3.
  async typed(request) {
    const sdk = require("@alicloud/cdn20180510");
    const client = new sdk.default(openApiConfig(request.key));
    const method = request.action[0].toLowerCase() + request.action.slice(1);
    const named = Object.entries(request.params).map(([name, value]) => [name[0].toLowerCase() + name.slice(1), value]);
    const model = new sdk[`${request.action}Request`](Object.fromEntries(named));
    return (await client[method](model)).body.toMap();
  },

  // The generic client, for services without a client of their own in this language.
  async generic(request) {
    const { default: Client, $OpenApiUtil } = require("@alicloud/openapi-core");
    const { RuntimeOptions } = require("@darabonba/typescript");
    const params = new $OpenApiUtil.Params({
      action: request.action,
      version: VERSIONS[request.service],
      protocol: "HTTP",
      pathname: "/",
      method: "POST",
      authType: "AK",
      style: "RPC",
      reqBodyType: "formData",
      bodyType: "json",
    });
    const call = new $OpenApiUtil.OpenApiRequest({ query: request.params });
    return (await new Client(openApiConfig(request.key)).callApi(params, call, new RuntimeOptions({}))).body;
  },

  // The older client of all services, signature version 1.
  async pop(request) {
    const { RPCClient } = require("@alicloud/pop-core");
    const client = new RPCClient({
      accessKeyId: request.key.id,
      accessKeySecret: request.key.secret,
      securityToken: request.key.token,
      endpoint: `http://${request.key.endpoint}`,
      apiVersion: VERSIONS[request.service],
    });
    return client.request(request.action, request.params, { method: request.method || "POST" });
  },
};

function refusal(error) {
  const data = error.data || {};
  const response = error.entry?.response || {};
  return {
    code: error.code || error.name,
    status: error.statusCode || data.statusCode || response.statusCode || null,
    request_id: data.RequestId || error.requestId || null,
    message: String(error.message),
  };
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    let answer;
    try {
      answer = { body: await CLIENTS[request.client](request) };
    } catch (error) {
      answer = { error: refusal(error) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  // Without this, open connections would keep the process running.
  process.exit(0);
}

main();
