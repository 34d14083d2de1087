package dev.sluice.server.callback;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Shows a receiver that a callback is from here, and when it was sent: {@code t=<unix seconds>,v1=<hex>}, HMAC-SHA256 over
 * {@code <t>.<body>}.
 */
final class CallbackSignature {
    static final String HEADER = "X-Sluice-Signature";

    private static final String ALGORITHM = "HmacSHA256";

    private CallbackSignature() {}

    static String of(String secret, byte[] body, Instant sent) {
        String time = Long.toString(sent.getEpochSecond());
        try {
            var mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret.getBytes(US_ASCII), ALGORITHM));
            mac.update((time + ".").getBytes(US_ASCII));
            return "t=" + time + ",v1=" + HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HMAC-SHA256", e);
        }
    }
}
