package dev.sluice.delivery;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.delivery.Results.Kept;
import dev.sluice.idempotency.ClaimScript;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.StoredResult;
import dev.sluice.privacy.PersonalData;
import dev.sluice.redis.KeyScan;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.telegram.BotId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * Answers that are kept for repeats of what was sent to users' private chats. The claims stay until they end by themselves: without them
 * what is repeated would be sent twice.
 */
final class AnswersToUsers implements PersonalData {
    private static final Script READ =
            Script.of("delivery/answers", ClaimScript.LIBRARY, new Script.Part(AnswersToUsers.class, "answers.lua"));
    private static final Script REPLACE = Script.of(
            "delivery/replace-answer",
            ClaimScript.LIBRARY,
            new Script.Part(AnswersToUsers.class, "replace-answer.lua"));

    private static final byte[] REPLY_BYTES = "1000000".getBytes(US_ASCII);

    private final ScriptRunner redis;
    private final KeySpace keys;
    private final Results results;
    private final UnaryOperator<Reply> textless;

    /** @param textless what is left of an answer without its texts */
    AnswersToUsers(ScriptRunner redis, KeySpace keys, Results results, UnaryOperator<Reply> textless) {
        this.redis = redis;
        this.keys = keys;
        this.results = results;
        this.textless = textless;
    }

    @Override
    public String family() {
        return ClaimScript.FAMILY;
    }

    @Override
    public long forget(long user) {
        return replaceAll(user, answer -> new Kept(Results.nothingOf(answer.reply()), OptionalLong.empty()));
    }

    @Override
    public long forgetText(long user) {
        return replaceAll(user, answer -> new Kept(textless.apply(answer.reply()), answer.user()));
    }

    private long replaceAll(long user, UnaryOperator<Kept> less) {
        long[] replaced = {0};
        new KeyScan(redis, keys).each(family(), "*", "*", page -> {
            Map<String, List<IdempotencyKey>> byTag = page.stream()
                    .map(this::key)
                    .flatMap(Optional::stream)
                    .collect(Collectors.groupingBy(IdempotencyKey::tag));
            byTag.values().forEach(claims -> replaced[0] += replace(claims, user, less));
        });
        return replaced[0];
    }

    private long replace(List<IdempotencyKey> claims, long user, UnaryOperator<Kept> less) {
        long replaced = 0;
        int looked = 0;
        while (looked < claims.size()) {
            List<IdempotencyKey> rest = claims.subList(looked, claims.size());
            ScriptReply reply =
                    redis.run(READ, rest.stream().map(claim -> claim.key(keys)).toList(), List.of(REPLY_BYTES));
            int read = Math.toIntExact(reply.number(0));
            for (int i = 0; i < read; i++) {
                replaced += replace(rest.get(i), reply.bytes(1 + i), user, less);
            }
            looked += read;
        }
        return replaced;
    }

    private long replace(IdempotencyKey claim, byte[] answer, long user, UnaryOperator<Kept> less) {
        if (answer.length == 0) {
            return 0;
        }
        Optional<Kept> kept = results.read(claim, new StoredResult(answer))
                .filter(found -> found.user().equals(OptionalLong.of(user)));
        Optional<Kept> left = kept.map(less).filter(after -> !after.equals(kept.get()));
        return left.map(after -> redis.run(
                                REPLACE,
                                List.of(claim.key(keys)),
                                List.of(answer, results.stored(claim, after).bytes()))
                        .number(0))
                .orElse(0L);
    }

    /** Empty if it is no record of a bot's claims. */
    private Optional<IdempotencyKey> key(String name) {
        int open = name.indexOf('{', keys.prefix().length());
        int close = name.indexOf("}:", open);
        if (open < 0 || close < 0) {
            return Optional.empty();
        }
        String digest = name.substring(close + "}:".length());
        try {
            var key = new IdempotencyKey(new BotId(Long.parseLong(name.substring(open + 1, close))).toString(), digest);
            return key.key(keys).equals(name) ? Optional.of(key) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // of other work, whose results are its own
        }
    }
}
