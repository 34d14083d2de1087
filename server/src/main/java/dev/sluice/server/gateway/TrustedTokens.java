package dev.sluice.server.gateway;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.sluice.idempotency.Fingerprint;
import dev.sluice.server.gateway.Route.Account;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.BotToken;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Which tokens Telegram has vouched for. A bot has one trusted token at a time: a newer valid one replaces the old. Tokens are
 * kept as digests only. Thread-safe.
 */
public final class TrustedTokens {
    private static final Duration TRUSTED_FOR = Duration.ofHours(24);
    private static final Duration REFUSED_FOR = Duration.ofSeconds(60);
    private static final int MOST_BOTS = 100_000;
    private static final int MOST_REFUSED = 100_000;

    /** Each is a question to Telegram that any stranger can make us ask. */
    private static final int MOST_CHECKS = 256;

    private record Bot(BotId id, boolean test) {}

    /** What is known of a token. */
    sealed interface Verdict {
        record Trusted() implements Verdict {}

        /** Nothing may be done in its name; this is what its bearer is told. */
        record Refused(Answer answer) implements Verdict {}
    }

    private static final Verdict TRUSTED = new Verdict.Trusted();
    private static final Verdict UNAUTHORIZED = new Verdict.Refused(Answer.error(401, "Unauthorized"));

    private final Function<Account, Future<Tried>> getMe;
    private final Consumer<BotToken> confirmed;
    private final Cache<Bot, Fingerprint> trusted;
    private final Cache<Fingerprint, Boolean> refused;
    private final ConcurrentMap<Fingerprint, Future<Verdict>> checks = new ConcurrentHashMap<>();

    public TrustedTokens(UpstreamClient upstream) {
        this(upstream, GatewayEvents.NONE, token -> {});
    }

    /** @param confirmed hears of each token that Telegram has just vouched for; must not block */
    public TrustedTokens(UpstreamClient upstream, GatewayEvents events, Consumer<BotToken> confirmed) {
        this(account -> told(upstream.getMe(account), events), confirmed, Ticker.systemTicker());
    }

    TrustedTokens(Function<Account, Future<Tried>> getMe, Consumer<BotToken> confirmed, Ticker ticker) {
        this.getMe = getMe;
        this.confirmed = confirmed;
        this.trusted = Caffeine.newBuilder()
                .maximumSize(MOST_BOTS)
                .expireAfterWrite(TRUSTED_FOR)
                .ticker(ticker)
                .build();
        this.refused = Caffeine.newBuilder()
                .maximumSize(MOST_REFUSED)
                .expireAfterWrite(REFUSED_FOR)
                .ticker(ticker)
                .build();
    }

    /** What is known, after one getMe if nothing is; simultaneous checks of one token share it. The future never fails. */
    Future<Verdict> check(Account account) {
        Fingerprint token = digest(account);
        if (token.equals(trusted.getIfPresent(bot(account)))) {
            return Future.succeededFuture(TRUSTED);
        }
        if (refused.getIfPresent(token) != null) {
            return Future.succeededFuture(UNAUTHORIZED);
        }
        if (checks.size() >= MOST_CHECKS) {
            return Future.succeededFuture(new Verdict.Refused(
                    Answers.unavailable("too many tokens are being checked; not sent", Duration.ofSeconds(1))));
        }
        Promise<Verdict> promise = Promise.promise();
        Future<Verdict> running = checks.putIfAbsent(token, promise.future());
        if (running != null) {
            return running;
        }
        getMe.apply(account).onComplete(tried -> {
            Verdict verdict = judge(account, tried.result());
            checks.remove(token);
            promise.complete(verdict);
        });
        return promise.future();
    }

    /** Whether it was refused within the last minute. */
    boolean isRefused(Account account) {
        return refused.estimatedSize() > 0
                && refused.getIfPresent(digest(account)) != null; // a digest costs more than a look
    }

    /** Telegram has answered a getMe. */
    void trust(Account account) {
        Fingerprint token = digest(account);
        trusted.put(bot(account), token);
        refused.invalidate(token);
    }

    /** Telegram has answered 401. Touches nothing that belongs to the bot's other tokens. */
    void refuse(Account account) {
        Fingerprint token = digest(account);
        refused.put(token, true);
        trusted.asMap().remove(bot(account), token);
    }

    private Verdict judge(Account account, Tried tried) {
        return switch (tried) {
            case Tried.NotReached(String reason) -> new Verdict.Refused(Answers.notReached(reason));
            case Tried.Unanswered(String reason) -> new Verdict.Refused(unchecked(504, reason));
            case Tried.Heard heard
            when heard.status() == 200 && ReplyReader.read(heard).isSuccess() -> {
                trust(account);
                if (!account.test()) {
                    confirmed.accept(account.token());
                }
                yield TRUSTED;
            }
            case Tried.Heard heard
            when heard.status() == 401 -> {
                refuse(account);
                yield UNAUTHORIZED;
            }
            case Tried.Heard heard -> new Verdict.Refused(telegrams(heard));
        };
    }

    /** Such as 404 for a token of a form that Telegram does not know, or 429. */
    private static Answer telegrams(Tried.Heard heard) {
        var reply = ReplyReader.read(heard);
        return reply.status() >= 400 && reply.status() < 500
                ? new Answer(reply.status(), reply.body(), reply.retryAfter(), false)
                : unchecked(502, "status " + heard.status());
    }

    private static Answer unchecked(int status, String reason) {
        String name = status == 504 ? "Gateway Timeout" : "Bad Gateway";
        byte[] body = Envelope.error(
                        status, name + ": Telegram did not say whether the token is valid (" + reason + "); not sent")
                .sluice("outcome", "not_sent")
                .bytes();
        return new Answer(status, body, Optional.empty(), false);
    }

    private static Future<Tried> told(Future<Tried> answer, GatewayEvents events) {
        long began = System.nanoTime();
        return answer.onSuccess(
                tried -> tried.tell(events, Traffic.TOKEN_CHECK, Duration.ofNanos(System.nanoTime() - began)));
    }

    private static Bot bot(Account account) {
        return new Bot(account.token().bot(), account.test());
    }

    private static Fingerprint digest(Account account) {
        return Fingerprint.of(
                (account.test() ? "test/" : "").concat(account.token().reveal()).getBytes(StandardCharsets.US_ASCII));
    }
}
