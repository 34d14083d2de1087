package dev.sluice.encryption;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * The keys that are known: the first seals, all of them open. Thread-safe.
 *
 * <p>To rotate, put a new key before the old one; once everything was sealed anew or has run out, drop the old one.
 */
public final class KeyRing implements Sealer {
    private static final byte VERSION = 1;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;
    private static final int HEAD_BYTES = 1 + MasterKey.ID_BYTES + NONCE_BYTES;

    private final SecureRandom random;
    private final boolean chosen;
    private volatile List<MasterKey> keys;

    private KeyRing(List<MasterKey> keys, boolean chosen, SecureRandom random) {
        this.keys = List.copyOf(keys);
        this.chosen = chosen;
        this.random = random;
    }

    /**
     * Keys that somebody chose. Takes about 0.2 s for each that is a passphrase.
     *
     * @param texts 32 bytes in hex or base64, or passphrases; the first is to seal, at least one
     */
    public static KeyRing of(List<String> texts) {
        if (texts.isEmpty()) {
            throw new IllegalArgumentException("a key ring needs a key");
        }
        return new KeyRing(texts.stream().map(MasterKey::of).toList(), true, new SecureRandom());
    }

    /** One new key that nobody else knows and that ends with this process, unless a {@link KeptKey} takes its place. */
    public static KeyRing random() {
        var random = new SecureRandom();
        return new KeyRing(List.of(MasterKey.of(MasterKey.randomText(random))), false, random);
    }

    /** Whether somebody chose these keys. */
    public boolean isChosen() {
        return chosen;
    }

    @Override
    public byte[] seal(String context, byte[] content) {
        MasterKey key = keys.getFirst();
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] head = ByteBuffer.allocate(HEAD_BYTES)
                .put(VERSION)
                .put(key.id())
                .put(nonce)
                .array();
        try {
            byte[] body = cipher(Cipher.ENCRYPT_MODE, key, context, head, nonce).doFinal(content);
            return ByteBuffer.allocate(HEAD_BYTES + body.length)
                    .put(head)
                    .put(body)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the Java platform does not encrypt with AES-256-GCM", e);
        }
    }

    @Override
    public Optional<byte[]> open(String context, byte[] sealed) {
        return keyOf(sealed).flatMap(key -> open(key, context, sealed));
    }

    /** Whether the key that seals now sealed these bytes; what it did not should be sealed anew. */
    public boolean isCurrent(byte[] sealed) {
        MasterKey current = keys.getFirst();
        return keyOf(sealed).filter(current::equals).isPresent();
    }

    /** A key that all processes share: where nobody chose one, it seals from now on; otherwise it only opens. */
    void share(MasterKey kept) {
        synchronized (this) {
            var known = new ArrayList<>(keys);
            known.removeIf(key -> key.hasId(kept.id()));
            known.add(chosen ? known.size() : 0, kept);
            keys = List.copyOf(known);
        }
    }

    private Optional<MasterKey> keyOf(byte[] sealed) {
        if (sealed.length < HEAD_BYTES + TAG_BYTES || sealed[0] != VERSION) {
            return Optional.empty();
        }
        byte[] id = Arrays.copyOfRange(sealed, 1, 1 + MasterKey.ID_BYTES);
        return keys.stream().filter(key -> key.hasId(id)).findFirst();
    }

    private static Optional<byte[]> open(MasterKey key, String context, byte[] sealed) {
        byte[] head = Arrays.copyOf(sealed, HEAD_BYTES);
        byte[] nonce = Arrays.copyOfRange(head, HEAD_BYTES - NONCE_BYTES, HEAD_BYTES);
        try {
            return Optional.of(cipher(Cipher.DECRYPT_MODE, key, context, head, nonce)
                    .doFinal(sealed, HEAD_BYTES, sealed.length - HEAD_BYTES));
        } catch (GeneralSecurityException e) {
            // Sealed for something else, changed, or by another key whose id is the same by chance.
            return Optional.empty();
        }
    }

    private static Cipher cipher(int mode, MasterKey key, String context, byte[] head, byte[] nonce)
            throws GeneralSecurityException {
        var cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key.keyFor(context), new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
        cipher.updateAAD(head);
        cipher.updateAAD(context.getBytes(UTF_8));
        return cipher;
    }
}
