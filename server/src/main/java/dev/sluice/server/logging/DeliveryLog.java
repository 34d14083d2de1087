package dev.sluice.server.logging;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.delivery.DeliveryEvents;
import dev.sluice.delivery.OutboundCall;
import dev.sluice.delivery.Outcome;
import dev.sluice.idempotency.Fingerprint;
import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Bucket;
import dev.sluice.limit.Decision;
import dev.sluice.telegram.Method;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs each denial, each wait, and each end that somebody should look at. Chats and keys appear only as digests, the same
 * on every replica, so that lines can be matched without naming anybody.
 */
public final class DeliveryLog implements DeliveryEvents {
    /** Shorter waits are nobody's concern. */
    private static final Duration LEAST_WAIT = Duration.ofMillis(1);

    private static final Pattern NAME = Pattern.compile("[a-z0-9_]{1,64}");

    private static final int DIGEST_CHARACTERS = 12;

    private static final Logger log = LoggerFactory.getLogger("delivery");

    @Override
    public void decided(OutboundCall call, Acquisition acquisition, Decision decision, Duration took) {
        if (decision instanceof Decision.Denied denied && log.isInfoEnabled()) {
            log.atInfo()
                    .addKeyValue("bot", call.bot())
                    .addKeyValue("scope", denied.bucket().scope())
                    .addKeyValue("cause", denied.cause().name().toLowerCase(Locale.ROOT))
                    .addKeyValue("remaining", denied.remaining())
                    .addKeyValue("retry_after", seconds(denied.retryAfter()))
                    .addKeyValue("bucket", digest(denied.bucket()))
                    .log("denied");
        }
    }

    @Override
    public void waited(OutboundCall call, Duration waited, boolean turnCame) {
        // Who waited in vain is told of as withdrawn.
        if (turnCame && waited.compareTo(LEAST_WAIT) >= 0) {
            log.atInfo()
                    .addKeyValue("bot", call.bot())
                    .addKeyValue("method", name(call.method()))
                    .addKeyValue("waited", seconds(waited))
                    .log("waited");
        }
    }

    @Override
    public void flooded(OutboundCall call, Duration retryAfter) {
        log.atWarn()
                .addKeyValue("bot", call.bot())
                .addKeyValue("method", name(call.method()))
                .addKeyValue("retry_after", seconds(retryAfter))
                .log("Telegram said 429");
    }

    @Override
    public void settleFailed(OutboundCall call) {
        log.atWarn()
                .addKeyValue("bot", call.bot())
                .log("an attempt could not be settled: its claim runs out by its lease");
    }

    @Override
    public void ended(OutboundCall call, Outcome outcome) {
        if (outcome instanceof Outcome.RateLimited(String scope, Duration retryAfter)) {
            log.atInfo()
                    .addKeyValue("bot", call.bot())
                    .addKeyValue("method", name(call.method()))
                    .addKeyValue("scope", scope)
                    .addKeyValue("retry_after", seconds(retryAfter))
                    .log("withdrawn");
        } else if (outcome instanceof Outcome.Unknown(String reason, String id)) {
            log.atWarn()
                    .addKeyValue("bot", call.bot())
                    .addKeyValue("method", name(call.method()))
                    .addKeyValue("reason", reason)
                    .addKeyValue("id", id)
                    .log("outcome unknown: Telegram may have it");
        }
    }

    /** A method is what a caller wrote into a path: only what can be a name is repeated. */
    private static String name(Method method) {
        return NAME.matcher(method.canonical()).matches() ? method.canonical() : "other";
    }

    static String digest(Bucket bucket) {
        var name = bucket.tag() + ":" + bucket.scope() + ":" + bucket.subject();
        return Fingerprint.of(name.getBytes(UTF_8)).hex().substring(0, DIGEST_CHARACTERS);
    }

    private static String seconds(Duration duration) {
        return BigDecimal.valueOf(duration.toMillis(), 3).toPlainString();
    }
}
