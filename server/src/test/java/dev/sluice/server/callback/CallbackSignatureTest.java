package dev.sluice.server.callback;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class CallbackSignatureTest {
    @Test
    void the_signature_is_what_other_tools_compute() {
        // printf '%s' '1700000000.{"a":1}' | openssl dgst -sha256 -hmac a-secret-of-many-characters
        assertThat(CallbackSignature.of(
                        "a-secret-of-many-characters",
                        "{\"a\":1}".getBytes(UTF_8),
                        Instant.ofEpochSecond(1_700_000_000)))
                .isEqualTo("t=1700000000,v1=68a665c87fd6b648615a571c4d2863be7ae70021e4fdd6ed827f736693775571");
    }
}
