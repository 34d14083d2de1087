package dev.sluice.server.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.KeyValuePair;

class RedactionTest {
    private static final String SECRET = "AAHk3-x_9QmS8f2LwT5vB7nC1dE4gJ6oPqR";
    private static final String TOKEN = "123456789:" + SECRET;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "https://api.telegram.org/bot" + TOKEN
                        + "/sendMessage | https://api.telegram.org/bot123456789:[redacted]/sendMessage",
                "/file/bot" + TOKEN + "/a.jpg | /file/bot123456789:[redacted]/a.jpg",
                "bot123456789%3A" + SECRET + " | bot123456789%3A[redacted]",
                "/bot42:abc/getMe | /bot42:[redacted]/getMe",
                "token=" + TOKEN + " | token=123456789:[redacted]",
                TOKEN + "," + TOKEN + " | 123456789:[redacted],123456789:[redacted]",
            })
    void tokens_lose_their_secret_and_keep_their_bot(String text, String masked) {
        assertThat(Redaction.mask(text)).isEqualTo(masked);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-11-21T09:28:53.123Z ready in 812 ms",
                "redis://127.0.0.1:6379/0",
                "rate_limit:{123456789}:chat:-1001234567890",
                "http://localhost:8000/health",
                "robot12 is no token",
            })
    void what_is_no_token_stays(String text) {
        assertThat(Redaction.mask(text)).isEqualTo(text);
    }

    @ParameterizedTest
    @EnumSource
    void no_part_of_a_log_event_lets_a_token_through(LogFormat format) {
        var context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        var cause = new IllegalArgumentException("cause " + TOKEN);
        var failure = new IllegalStateException("failure " + TOKEN, cause);
        failure.addSuppressed(new IllegalStateException("suppressed " + TOKEN));
        var event = new LoggingEvent(
                RedactionTest.class.getName(),
                context.getLogger("test"),
                Level.WARN,
                "calling {} for " + TOKEN,
                failure,
                new Object[] {"/bot" + TOKEN + "/getMe"});
        event.addKeyValuePair(new KeyValuePair("url", "https://host/bot" + TOKEN + "/x"));

        var line = new String(Logging.encoder(context, format).encode(event), UTF_8);

        assertThat(line)
                .doesNotContain(SECRET)
                .contains("123456789:[redacted]", "calling", "url", "cause ", "suppressed ", "failure ");
    }
}
