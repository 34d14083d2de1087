// What some libraries take for granted, and Node 18 (Debian 12) has under no global name. To be imported first.

import { File } from "node:buffer";
import { webcrypto } from "node:crypto";

globalThis.File ??= File;
globalThis.crypto ??= webcrypto;
