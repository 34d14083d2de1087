package dev.sluice.encryption;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/** What the keys of all contexts come from. Immutable; shows nothing of itself but its id. */
final class MasterKey {
    static final int ID_BYTES = 4;

    private static final int BYTES = 32;
    private static final String HMAC = "HmacSHA256";
    private static final Pattern HEX = Pattern.compile("[0-9A-Fa-f]{64}");
    private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/_-]{43}=?");

    /** What OWASP asks for PBKDF2 with HMAC-SHA256: about 0.2 s, spent once at start. */
    private static final int ROUNDS = 600_000;

    private static final byte[] PASSPHRASE_SALT = "sluice/passphrase/1".getBytes(US_ASCII);
    private static final byte[] EXTRACT_SALT = "sluice/master/1".getBytes(US_ASCII);
    private static final byte[] ID_INFO = "id".getBytes(US_ASCII);
    private static final byte[] CONTEXT_INFO = "aes-256-gcm:".getBytes(US_ASCII);

    /** HKDF ends each block with its number, and one block is all we need. */
    private static final byte FIRST_BLOCK = 1;

    private final byte[] pseudorandom;
    private final byte[] id;

    private MasterKey(byte[] material) {
        this.pseudorandom = hmac(EXTRACT_SALT, material);
        this.id = Arrays.copyOf(expand(ID_INFO), ID_BYTES);
    }

    /** The key that a text stands for: 32 bytes in hex or base64 as they are, anything else stretched. */
    static MasterKey of(String text) {
        return new MasterKey(written(text).orElseGet(() -> stretched(text)));
    }

    /** A new key, as a text that {@link #of} reads. */
    static String randomText(SecureRandom random) {
        byte[] material = new byte[BYTES];
        random.nextBytes(material);
        return HexFormat.of().formatHex(material);
    }

    /** Tells keys apart without telling anything about them. */
    byte[] id() {
        return id.clone();
    }

    boolean hasId(byte[] other) {
        return Arrays.equals(id, other);
    }

    /** The AES key of one context. */
    SecretKeySpec keyFor(String context) {
        byte[] name = context.getBytes(UTF_8);
        byte[] info = Arrays.copyOf(CONTEXT_INFO, CONTEXT_INFO.length + name.length);
        System.arraycopy(name, 0, info, CONTEXT_INFO.length, name.length);
        return new SecretKeySpec(expand(info), "AES");
    }

    private byte[] expand(byte[] info) {
        byte[] block = Arrays.copyOf(info, info.length + 1);
        block[info.length] = FIRST_BLOCK;
        return hmac(pseudorandom, block);
    }

    private static Optional<byte[]> written(String text) {
        if (HEX.matcher(text).matches()) {
            return Optional.of(HexFormat.of().parseHex(text));
        }
        if (BASE64.matcher(text).matches()) {
            try {
                return Optional.of(Base64.getUrlDecoder()
                        .decode(text.replace('+', '-').replace('/', '_').replace("=", "")));
            } catch (IllegalArgumentException e) {
                // Its last character stands for no whole byte: a passphrase of that length, then.
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    private static byte[] stretched(String passphrase) {
        var spec = new PBEKeySpec(passphrase.toCharArray(), PASSPHRASE_SALT, ROUNDS, BYTES * Byte.SIZE);
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the Java platform has no PBKDF2 with HMAC-SHA256", e);
        } finally {
            spec.clearPassword();
        }
    }

    private static byte[] hmac(byte[] key, byte[] data) {
        try {
            var mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key, HMAC));
            return mac.doFinal(data);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HMAC-SHA256", e);
        }
    }

    @Override
    public String toString() {
        return "MasterKey[" + HexFormat.of().formatHex(id) + "]";
    }
}
