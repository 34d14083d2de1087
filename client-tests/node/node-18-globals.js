// What some of the libraries take for granted and Node 18 (Debian 12) has, but not under a global name. To be imported first.

import { File } from "node:buffer";
import { webcrypto } from "node:crypto";

globalThis.File ??= File;
globalThis.crypto ??= webcrypto;
