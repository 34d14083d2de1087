package dev.sluice.server.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.sluice.delivery.OutboundCall;
import dev.sluice.delivery.Outcome;
import dev.sluice.idempotency.Fingerprint;
import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Decision;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Method;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class DeliveryLogTest {
    private static final BotId BOT = new BotId(12);
    private static final ChatId CHAT = new ChatId("987654321");

    private final Logger logger = (Logger) LoggerFactory.getLogger("delivery");
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final DeliveryLog log = new DeliveryLog();

    @BeforeEach
    void listen() {
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(lines);
    }

    @Test
    void a_denial_tells_scope_cause_remaining_and_retry_after_and_names_no_chat() {
        var bucket = TelegramLimits.chatBucket(BOT, CHAT);
        var charges = TelegramLimits.DOCUMENTED.charges(BOT, Optional.of(CHAT), 1, false);
        log.decided(
                call("sendMessage"),
                Acquisition.of(charges),
                new Decision.Denied(bucket, Decision.Cause.LIMIT, Duration.ofMillis(1250), 0),
                Duration.ofMillis(1));

        assertThat(written())
                .containsExactly("denied bot=12 scope=chat cause=limit remaining=0 retry_after=1.250 bucket="
                        + DeliveryLog.digest(bucket));
        assertThat(DeliveryLog.digest(bucket)).hasSize(12).doesNotContain("987654321");
    }

    @Test
    void waits_withdrawals_floods_and_unknown_outcomes_are_told() {
        log.waited(call("sendMessage"), Duration.ofMillis(40), true);
        log.ended(call("sendMessage"), new Outcome.RateLimited("chat", Duration.ofSeconds(3)));
        log.flooded(call("sendPhoto"), Duration.ofSeconds(5));
        log.ended(call("sendMessage"), new Outcome.Unknown("reset", "a1"));

        assertThat(written())
                .containsExactly(
                        "waited bot=12 method=sendmessage waited=0.040",
                        "withdrawn bot=12 method=sendmessage scope=chat retry_after=3.000",
                        "Telegram said 429 bot=12 method=sendphoto retry_after=5.000",
                        "outcome unknown: Telegram may have it bot=12 method=sendmessage reason=reset id=a1");
    }

    @Test
    void what_a_caller_wrote_instead_of_a_method_is_not_repeated() {
        log.flooded(call("send\nINFO forged line"), Duration.ofSeconds(5));

        assertThat(written())
                .singleElement()
                .asString()
                .contains("method=other")
                .doesNotContain("forged");
    }

    @Test
    void what_went_well_at_once_or_is_told_otherwise_is_not_worth_a_line() {
        log.waited(call("sendMessage"), Duration.ofNanos(10), true);
        log.waited(call("sendMessage"), Duration.ofSeconds(2), false);
        log.ended(call("sendMessage"), new Outcome.Withdrawn());

        assertThat(written()).isEmpty();
    }

    private List<String> written() {
        return lines.list.stream()
                .map(event -> event.getFormattedMessage() + " "
                        + event.getKeyValuePairs().stream()
                                .map(pair -> pair.key + "=" + pair.value)
                                .collect(Collectors.joining(" ")))
                .toList();
    }

    private static OutboundCall call(String method) {
        return new OutboundCall(
                BOT,
                new Method(method),
                Optional.of(CHAT),
                1,
                false,
                Fingerprint.of(new byte[0]),
                Optional.empty(),
                Duration.ofMinutes(30),
                Duration.ofSeconds(2),
                Priority.NORMAL,
                false);
    }
}
