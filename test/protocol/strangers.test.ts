import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeFailure, sourceError } from "../../src/protocol/read-failure.js";
import { argumentError, isInstance, messageOf, propertyOf } from "../../src/errors.js";
import { HeldErrors, StandIns, fromWireFailure } from "../../src/sharing/wire-failure.js";
import { strangers } from "../support/strangers.js";

describe("a value of a stranger", () => {
  for (const [name, make] of Object.entries(strangers)) {
    it(`has a description that is not empty: ${name}`, () => {
      assert.match(messageOf(make()), /./);
      assert.match(
        argumentError("it", "something else", make()).message,
        /^Expected something else for it, received ./,
      );
    });

    it(`makes an error of the library, and text for another thread: ${name}`, () => {
      const value = make();
      const error = sourceError(value, "a source");
      assert.equal(error.code, "E_IO");
      assert.ok(error.cause === value);
      const { code, reason } = JSON.parse(new TextDecoder().decode(encodeFailure(value, 1))) as Record<string, unknown>;
      assert.deepEqual({ code, reason }, { code: "E_IO", reason: error.reason });
    });

    it(`crosses threads as data, and comes back by identity: ${name}`, () => {
      const value = make();
      const held = new HeldErrors();
      const standIns = new StandIns();
      const standIn = standIns.fromWire(structuredClone(held.toWire(value)));
      assert.ok(fromWireFailure(structuredClone(standIns.toWire(standIn)), held) === value);
      assert.equal(structuredClone(standIns.toWire(value)).kind, "other");
    });

    it(`is no instance of anything, and has no property that cannot be had: ${name}`, () => {
      assert.equal(isInstance(make(), DOMException), false);
      assert.equal(propertyOf(make(), "missing"), undefined);
    });
  }

  it("is described by its message where it has one", () => {
    assert.equal(messageOf(new Error("why")), "why");
    assert.equal(messageOf({ message: "why" }), "why");
    assert.equal(messageOf("why"), "why");
    assert.equal(messageOf(undefined), "undefined");
    assert.equal(messageOf({ status: 404 }), "an object of type Object");
  });
});
