package dev.sluice.server.admin;

import dev.sluice.limit.Bucket;
import dev.sluice.limit.RateLimiter;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.queue.MessageQueue;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.ListOf;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Lets what Telegram's 429 taught be forgotten. */
public final class LearnedLimitsResource implements Resource {
    private static final Parameter<Optional<ChatId>> CHAT = new Parameter<>(
            Parameter.In.QUERY,
            "chat",
            "The chat whose pace is forgotten; that of the bot, of its paid lane and of its replies, unless given.",
            ListParameters.CHAT.shape(),
            ListParameters.CHAT.accepts(),
            ListParameters.CHAT.parser(),
            ListParameters.CHAT.fallback());

    private final RateLimiter limiter;
    private final MessageQueue queue;
    private final Consumer<BotId> calls;

    /**
     * @param queue knows chats by all of their ids
     * @param calls lets those of a bot that wait in this process try at once
     */
    public LearnedLimitsResource(RateLimiter limiter, MessageQueue queue, Consumer<BotId> calls) {
        this.limiter = limiter;
        this.queue = queue;
        this.calls = calls;
    }

    @Override
    public List<Operation> operations() {
        return List.of(Operation.delete(
                        "/v1/bots/{bot}/limits/learned",
                        "forgetLearnedLimits",
                        "Forgets the pace that Telegram's 429 taught; limits, parks and what was used stay.")
                .with(MessageJson.BOT, CHAT)
                .answers(
                        200,
                        "It is forgotten, on every replica.",
                        Fields.of(Field.required(
                                "forgotten",
                                new ListOf(Text.matching("bot|paid|replies|chat|group"), 3),
                                "The scopes that had a pace.")))
                .refuses(ProblemKind.STORE)
                .by(this::forget));
    }

    private AdminResponse forget(AdminRequest request) {
        var bot = new BotId(request.get(MessageJson.BOT));
        List<Bucket> buckets = request.get(CHAT)
                .map(named -> named.isGroup() ? queue.identity(bot, named) : named)
                .map(chat -> List.of(TelegramLimits.chatBucket(bot, chat), TelegramLimits.groupBucket(bot, chat)))
                .orElseGet(() -> List.of(
                        TelegramLimits.botBucket(bot),
                        TelegramLimits.paidBucket(bot),
                        TelegramLimits.repliesBucket(bot)));
        List<String> forgotten = buckets.stream()
                .filter(limiter::forgetLearned)
                .map(Bucket::scope)
                .toList();
        // Also if nothing was there any more: an earlier attempt may have come no further.
        calls.accept(bot);
        queue.limitsChanged(bot);
        return AdminResponse.json(200, Map.of("forgotten", forgotten));
    }
}
