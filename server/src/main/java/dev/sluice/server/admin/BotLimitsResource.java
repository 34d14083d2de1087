package dev.sluice.server.admin;

import dev.sluice.limit.BucketStatistics;
import dev.sluice.limit.Charge;
import dev.sluice.limit.Limit;
import dev.sluice.limit.RateLimiter;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.queue.MessageQueue;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.ListOf;
import dev.sluice.server.admin.Shape.Named;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.admin.Shape.Whole;
import dev.sluice.server.bots.SetLimits;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** What a bot's messages have used of Telegram's limits, and what Telegram's 429 has parked. */
public final class BotLimitsResource implements Resource {
    private static final Parameter<Optional<ChatId>> CHAT = new Parameter<>(
            Parameter.In.QUERY,
            "chat",
            "A chat whose limits are shown beside those of the whole bot.",
            ListParameters.CHAT.shape(),
            ListParameters.CHAT.accepts(),
            ListParameters.CHAT.parser(),
            ListParameters.CHAT.fallback());

    private static final Shape COUNT = new Whole(0, Long.MAX_VALUE);
    private static final Shape LIMIT = new Named(
            "BotLimit",
            Fields.of(
                    Field.required(
                            "scope",
                            Text.matching("[a-z0-9_-]{1,32}"),
                            "bot, paid (instead of it, for paid broadcasts), replies (instead of it, for replies), chat, group,"
                                    + " user."),
                    Field.required("limit", COUNT, "How many messages pass within a window."),
                    Field.required("window_ms", COUNT, "The window, rounded up."),
                    Field.required("used", COUNT, "What still counts."),
                    Field.required("remaining", COUNT, "What fits now, parks not considered."),
                    Field.required("resets_in_ms", COUNT, "Until all of it is free again, rounded up."),
                    Field.required(
                            "parked_ms",
                            COUNT,
                            "For how long nothing passes since Telegram said 429, rounded up; 0 if it may."),
                    Field.required("waiting", COUNT, "Processes that stand in line for it."),
                    LearnedPaceJson.FIELD));

    private final RateLimiter limiter;
    private final TelegramLimits settings;
    private final Function<BotId, SetLimits> setLimits;
    private final MessageQueue queue;

    /**
     * @param settings what holds where nothing is set
     * @param setLimits what is set now; may throw what a store throws
     * @param queue knows chats by all of their ids
     */
    public BotLimitsResource(
            RateLimiter limiter, TelegramLimits settings, Function<BotId, SetLimits> setLimits, MessageQueue queue) {
        this.limiter = limiter;
        this.settings = settings;
        this.setLimits = setLimits;
        this.queue = queue;
    }

    @Override
    public List<Operation> operations() {
        return List.of(Operation.get(
                        "/v1/bots/{bot}/limits",
                        "getBotLimits",
                        "Shows which limits bind a bot, what is used of them and of those of one of its chats, and what is parked.")
                .with(MessageJson.BOT, CHAT)
                .answers(
                        200,
                        "The limits; all of them free, if the bot or the chat was never heard of.",
                        Fields.of(
                                Field.required("limits", new ListOf(LIMIT, 5), "The bot's first."),
                                Field.required(
                                        "holds", BindingLimitsJson.SHOWN, "What holds, and where it comes from.")))
                .refuses(ProblemKind.STORE)
                .by(this::show));
    }

    private AdminResponse show(AdminRequest request) {
        var bot = new BotId(request.get(MessageJson.BOT));
        Optional<ChatId> chat = request.get(CHAT).map(named -> named.isGroup() ? queue.identity(bot, named) : named);
        SetLimits set = setLimits.apply(bot);
        TelegramLimits limits = set.over(settings);
        var charges = new ArrayList<>(limits.charges(bot, chat, 1, false));
        limits.replies().ifPresent(limit -> charges.add(1, new Charge(TelegramLimits.repliesBucket(bot), limit, 1)));
        charges.add(1, new Charge(TelegramLimits.paidBucket(bot), limits.paid(), 1));
        List<Map<String, Object>> all = charges.stream()
                .map(charge -> json(limiter.statistics(charge.bucket(), charge.limit())))
                .toList();
        var json = new LinkedHashMap<String, Object>();
        json.put("limits", all);
        json.put("holds", BindingLimitsJson.shown(settings, set));
        return AdminResponse.json(200, json);
    }

    private static Map<String, Object> json(BucketStatistics now) {
        Duration window = switch (now.limit()) {
            case Limit.StrictWindow(int capacity, Duration length) -> length;
            case Limit.Gcra(int capacity, Duration interval) -> interval.multipliedBy(capacity);
        };
        var json = new LinkedHashMap<String, Object>();
        json.put("scope", now.bucket().scope());
        json.put("limit", now.limit().capacity());
        json.put("window_ms", millis(window));
        json.put("used", now.used());
        json.put("remaining", now.remaining());
        json.put("resets_in_ms", millis(now.resetAfter()));
        json.put("parked_ms", millis(now.parkedFor()));
        json.put("waiting", now.waiting());
        json.put("learned", LearnedPaceJson.of(now.learned()));
        return json;
    }

    private static long millis(Duration time) {
        return time.plusNanos(999_999).toMillis();
    }
}
