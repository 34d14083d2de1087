/**
 * Encryption of what is stored: bots' tokens, kept answers.
 *
 * <p>Start with {@link dev.sluice.encryption.Sealer}, then {@link dev.sluice.encryption.KeyRing} (the keys, and how they are
 * rotated) and {@link dev.sluice.encryption.KeptKey} (what holds when nobody set a key).
 *
 * <h2>From a text to a key</h2>
 *
 * <pre>
 *   64 hex digits, or base64 of 32 bytes ───────────────────┐
 *                                                           ├─► HKDF extract ─┬─► key id, 4 bytes
 *   any other text ──► PBKDF2-HMAC-SHA256, 600,000 rounds ──┘                 └─► one AES key for each context
 * </pre>
 *
 * Whoever can read what was sealed can try keys without asking anybody. 32 random bytes cannot be guessed and go straight
 * into HKDF (RFC 5869); a passphrase can, so each guess at one is made to cost a fifth of a second (PBKDF2, RFC 8018). Its
 * salt is the same everywhere: replicas must come to one key with nothing but the setting in common.
 *
 * <h2>What is sealed</h2>
 *
 * <pre>
 *   version 1 byte │ key id 4 │ nonce 12, random │ AES-256-GCM ciphertext │ tag 16
 * </pre>
 *
 * A <em>context</em> says what the bytes belong to ({@code bots/token/123456}). It is bound in twice: it derives the key, and
 * with the head it is the associated data, so that a sealed token copied to another bot's place does not open. A key of its
 * own for each context also keeps random nonces safe: AES-GCM allows 2^32 of them under one key (NIST SP 800-38D, 8.3), which
 * a busy gateway with a single key would spend within months.
 */
@NullMarked
package dev.sluice.encryption;

import org.jspecify.annotations.NullMarked;
