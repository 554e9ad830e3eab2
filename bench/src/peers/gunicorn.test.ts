import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interpreterOf } from './gunicorn.ts';

for (const [script, interpreter] of [
  ['#!/usr/bin/python3\nimport sys\n', '/usr/bin/python3'],
  ['#! /opt/venv/bin/python3.12\n', '/opt/venv/bin/python3.12'],
  ['#!/usr/bin/env python3\n', undefined],
  ['#!/bin/sh\n#!/usr/bin/python3\n', undefined],
  ['', undefined],
] as const) {
  test(`${JSON.stringify(script)} runs on ${interpreter}`, () => {
    assert.equal(interpreterOf(script), interpreter);
  });
}
