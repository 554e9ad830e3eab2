/**
 * The policy of this edge: what default.vcl is to Varnish. A hook decides, or returns nothing and the built-in rules
 * decide: RFC 9111, and the settings. As it stands it decides nothing. All hooks with an example each: README.md.
 */
import { definePolicy } from '@trivet/edge-cache';

export default definePolicy({});
