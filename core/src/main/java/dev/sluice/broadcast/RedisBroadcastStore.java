package dev.sluice.broadcast;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.sluice.queue.QueueLink;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.Priority;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Broadcasts in Redis: each method is one script. */
final class RedisBroadcastStore implements BroadcastStore {
    /** How long after its last beginning a bot without broadcasts is still looked at. */
    private static final Duration LOOKED_AT = Duration.ofDays(1);

    /** Taking back 500 keeps Redis from others for some milliseconds. */
    private static final int TAKEN_BACK = 500;

    private final ScriptRunner redis;
    private final KeySpace keys;
    private final QueueLink queue;
    private final long queueBound;
    private final BroadcastSettings settings;

    RedisBroadcastStore(ScriptRunner redis, KeySpace keys, long queueBound, BroadcastSettings settings) {
        this.redis = redis;
        this.keys = keys;
        this.queue = new QueueLink(redis, keys);
        this.queueBound = queueBound;
        this.settings = settings;
    }

    @Override
    public BroadcastId draft(BotId bot) {
        return new BroadcastId(
                bot,
                run(BroadcastScripts.DRAFT, bot, text(micros(settings.draft()))).number(0));
    }

    @Override
    public boolean add(BroadcastId draft, int number, byte[] recipients) {
        var added = run(
                BroadcastScripts.ADD,
                draft.bot(),
                text(draft.number()),
                text(number),
                recipients,
                text(micros(settings.draft())));
        return added.number(0) == 1;
    }

    @Override
    public Started start(BroadcastId draft, NewBroadcast broadcast) {
        BotId bot = draft.bot();
        // In slots of their own, so before and not in the same step: a bot too many does no harm.
        redis.run(BroadcastScripts.REGISTER, BroadcastScripts.registry(keys), List.of(text(bot)));
        queue.register(bot);
        var reply = run(
                BroadcastScripts.START,
                bot,
                text(draft.number()),
                text(broadcast.recipients()),
                text(broadcast.duplicates()),
                text(settings.windowOf(broadcast)),
                text(broadcast.priority()),
                flag(broadcast.paid()),
                flag(broadcast.everybody()),
                text(settings.most()),
                text(broadcast.once().map(NewBroadcast.Once::digest).orElse("")),
                text(broadcast.once().map(once -> once.content().hex()).orElse("")),
                broadcast.template());
        return switch (reply.text(0)) {
            case "running" -> new Started.Running(draft);
            case "known" -> new Started.Known(new BroadcastId(bot, reply.number(1)));
            case "mismatch" -> new Started.Mismatch(new BroadcastId(bot, reply.number(1)));
            case "too-many" -> new Started.TooMany((int) reply.number(1));
            case "lost" -> new Started.Lost();
            default -> throw unexpected(reply, 0);
        };
    }

    @Override
    public void discard(BroadcastId draft) {
        run(BroadcastScripts.DISCARD, draft.bot(), text(draft.number()));
    }

    @Override
    public Optional<Progress> find(BroadcastId id) {
        var reply = run(BroadcastScripts.FIND, id.bot(), text(id.number()));
        if (reply.size() == 0) {
            return Optional.empty();
        }
        var state = new HashMap<String, String>();
        for (int i = 2; i < reply.size(); i += 2) {
            state.put(reply.text(i), reply.text(i + 1));
        }
        return Optional.of(progress(id, state, (int) reply.number(1), instant(reply.number(0))));
    }

    private static Progress progress(BroadcastId id, Map<String, String> state, int queued, Instant read) {
        var outcomes = new EnumMap<RecipientOutcome, Integer>(RecipientOutcome.class);
        for (RecipientOutcome outcome : RecipientOutcome.values()) {
            String count = state.get("n:" + outcome.letter());
            if (count != null) {
                outcomes.put(outcome, Integer.parseInt(count));
            }
        }
        double weight = Double.parseDouble(state.getOrDefault("weight", "0"));
        return new Progress(
                id,
                BroadcastStatus.of(state.getOrDefault("status", "")),
                Priority.parse(state.getOrDefault("priority", "")).orElseThrow(),
                state.getOrDefault("paid", "").equals("1"),
                number(state, "total"),
                number(state, "duplicates"),
                number(state, "waiting"),
                queued,
                outcomes,
                instant(Long.parseLong(state.getOrDefault("created", ""))),
                Optional.ofNullable(state.get("ended")).map(Long::parseLong).map(RedisBroadcastStore::instant),
                state.containsKey("refusing") && !state.containsKey("ended"),
                weight == 0 ? 0 : Double.parseDouble(state.getOrDefault("rate", "0")) / weight,
                read);
    }

    private static int number(Map<String, String> state, String field) {
        return Integer.parseInt(state.getOrDefault(field, ""));
    }

    @Override
    public List<BroadcastId> list(BotId bot, OptionalLong before, int most) {
        String till = before.isPresent() ? "(" + before.getAsLong() : "+inf";
        return ids(bot, run(BroadcastScripts.LIST, bot, text(till), text(most)));
    }

    @Override
    public BroadcastChange pause(BroadcastId id) {
        return change("pause", id);
    }

    @Override
    public BroadcastChange resume(BroadcastId id) {
        return change("resume", id);
    }

    @Override
    public BroadcastChange cancel(BroadcastId id) {
        return change("cancel", id);
    }

    private BroadcastChange change(String change, BroadcastId id) {
        var reply = run(BroadcastScripts.CHANGE, id.bot(), text(change), text(id.number()));
        return switch ((int) reply.number(0)) {
            case 1 -> BroadcastChange.DONE;
            case 3 -> BroadcastChange.NOT_POSSIBLE;
            case 4 -> BroadcastChange.ABSENT;
            default -> throw unexpected(reply, 0);
        };
    }

    @Override
    public Set<BotId> bots() {
        var reply = redis.run(BroadcastScripts.BOTS, BroadcastScripts.registry(keys), List.of());
        var bots = new HashSet<BotId>();
        for (int i = 0; i < reply.size(); i++) {
            bots.add(new BotId(reply.number(i)));
        }
        return bots;
    }

    @Override
    public List<BroadcastId> unfinished(BotId bot) {
        List<BroadcastId> found = ids(bot, run(BroadcastScripts.UNFINISHED, bot));
        if (found.isEmpty()) {
            redis.run(
                    BroadcastScripts.RETIRE,
                    BroadcastScripts.registry(keys),
                    List.of(text(bot), text(micros(LOOKED_AT))));
        }
        return found;
    }

    private static List<BroadcastId> ids(BotId bot, ScriptReply reply) {
        var ids = new ArrayList<BroadcastId>(reply.size());
        for (int i = 0; i < reply.size(); i++) {
            ids.add(new BroadcastId(bot, reply.number(i)));
        }
        return ids;
    }

    @Override
    public Optional<Tended> tend(BroadcastId id) {
        var reply = run(
                BroadcastScripts.TEND,
                id.bot(),
                text(id.number()),
                text(micros(settings.keep())),
                text(micros(settings.suppressed())),
                text(CHUNK),
                text(TAKEN_BACK),
                text(settings.refusals()));
        if (reply.size() == 0) {
            return Optional.empty();
        }
        var ended = new EnumMap<RecipientOutcome, Integer>(RecipientOutcome.class);
        for (int i = 7; i < reply.size(); i += 2) {
            ended.put(RecipientOutcome.of(reply.text(i).charAt(0)), (int) reply.number(i + 1));
        }
        return Optional.of(new Tended(
                BroadcastStatus.of(reply.text(0)),
                ended,
                reply.number(1) == 2,
                reply.number(1) > 0,
                (int) reply.number(2),
                unfed(reply)));
    }

    private static Optional<Unfed> unfed(ScriptReply reply) {
        int first = (int) reply.number(3);
        byte[] marks = reply.bytes(4);
        var waiting = new ArrayList<Integer>();
        for (int i = 0; i < marks.length; i++) {
            if (marks[i] == RecipientOutcome.WAITING.letter()) {
                waiting.add(first + i);
            }
        }
        return waiting.isEmpty() ? Optional.empty() : Optional.of(new Unfed(waiting, reply.bytes(5), reply.bytes(6)));
    }

    @Override
    public Fed feed(BroadcastId id, List<Feeding> recipients) {
        FeedCheck.require(recipients);
        var arguments = new ArrayList<byte[]>(2 + recipients.size());
        arguments.add(text(id.number()));
        arguments.add(text(queueBound));
        for (Feeding feeding : recipients) {
            byte[] record = feeding.message()
                    .map(message -> QueueLink.record(id.bot(), message))
                    .orElse(new byte[0]);
            arguments.add(ByteBuffer.allocate(Integer.BYTES + record.length)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(feeding.recipient())
                    .put(record)
                    .array());
        }
        queue.register(id.bot());
        var reply = run(BroadcastScripts.FEED, id.bot(), arguments.toArray(byte[][]::new));
        return new Fed((int) reply.number(0), (int) reply.number(1), reply.number(2) == 1);
    }

    @Override
    public Optional<List<RecipientOutcome>> outcomes(BroadcastId id, int from, int most) {
        FeedCheck.requireRead(from, most);
        var reply = run(BroadcastScripts.OUTCOMES, id.bot(), text(id.number()), text(from), text(from + most - 1));
        if (reply.size() == 0) {
            return Optional.empty();
        }
        boolean cancelled = BroadcastStatus.of(reply.text(0)) == BroadcastStatus.CANCELLED;
        var outcomes = new ArrayList<RecipientOutcome>(most);
        for (byte letter : reply.bytes(1)) {
            var outcome = RecipientOutcome.of(letter);
            outcomes.add(cancelled && outcome == RecipientOutcome.WAITING ? RecipientOutcome.CANCELLED : outcome);
        }
        return Optional.of(outcomes);
    }

    @Override
    public Optional<byte[]> chunk(BroadcastId id, int number) {
        var reply = run(BroadcastScripts.CHUNK, id.bot(), text(id.number()), text(number));
        return reply.size() == 0 ? Optional.empty() : Optional.of(reply.bytes(0));
    }

    private ScriptReply run(Script script, BotId bot, byte[]... arguments) {
        return redis.run(script, BroadcastScripts.keys(bot, queue, keys), List.of(arguments));
    }

    private static byte[] flag(boolean on) {
        return text(on ? 1 : 0);
    }

    private static byte[] text(Object value) {
        return value.toString().getBytes(ISO_8859_1);
    }

    private static long micros(Duration duration) {
        return Math.ceilDiv(duration.toNanos(), 1_000L);
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private static IllegalStateException unexpected(ScriptReply reply, int at) {
        return new IllegalStateException("script " + reply.script() + " answered an unknown word at " + at);
    }
}
