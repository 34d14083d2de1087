package dev.sluice.queue;

import dev.sluice.limit.BucketScript;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.privacy.PersonalData;
import dev.sluice.redis.Announcements;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/** The queue in Redis: each method is one script. */
final class RedisMessageQueue implements MessageQueue {
    /** Of moving what waits for a chat under another id: 5,000 messages, so that nobody waits here for long. */
    private static final int MOST_STEPS = 25;

    /** In one step, since Redis serves nobody meanwhile. */
    private static final int LOOKED_AT = 200;

    private final ScriptRunner redis;
    private final ScriptRunner settling;
    private final KeySpace keys;
    private final Function<BotId, TelegramLimits> limits;
    private final QueueSettings settings;
    private final RandomGenerator random;
    private final QueueRegistry registry;
    private final WorkNews news;
    private final QueueWaiter waiter;
    private final RedisListedMessages listed;
    private final AtomicBoolean awaited = new AtomicBoolean();
    private final Callbacks callbacks;
    private final Snapshots snapshots;
    private final QueueMending mending;

    RedisMessageQueue(
            ScriptRunner redis,
            ScriptRunner settling,
            KeySpace keys,
            Function<BotId, TelegramLimits> limits,
            QueueSettings settings,
            RandomGenerator random,
            Executor later,
            Optional<Announcements> announcements) {
        this.news = new WorkNews(announcements, keys);
        this.waiter = new QueueWaiter(news::isLive);
        this.redis = redis;
        this.settling = settling;
        this.keys = keys;
        this.limits = limits;
        this.settings = settings;
        this.random = random;
        this.registry = new QueueRegistry(redis, keys, later, settings.mending());
        this.mending = new QueueMending(settling, keys, settings.mending());
        this.callbacks = new RedisCallbacks(settling, keys, mending);
        this.snapshots = new RedisSnapshots(settling, keys, settings, registry, waiter, mending);
        this.listed = new RedisListedMessages(redis, keys, settings, waiter, mending);
    }

    @Override
    public List<Enqueued> enqueueAll(BotId bot, List<NewMessage> messages) {
        Batch.require(messages.size());
        if (messages.isEmpty()) {
            return List.of();
        }
        registry.register(bot);
        var enqueued = new ArrayList<Enqueued>(messages.size());
        while (enqueued.size() < messages.size()) {
            List<NewMessage> rest = messages.subList(enqueued.size(), messages.size());
            ScriptReply reply = mending.run(
                    redis,
                    QueueScripts.ENQUEUE,
                    bot,
                    QueueScripts.keysAndClaims(bot, keys),
                    EnqueueArguments.of(bot, rest, settings));
            for (int at = 0; at < reply.size(); at += 2) {
                enqueued.add(QueueReplies.enqueued(bot, reply, at));
            }
        }
        waiter.stir(bot);
        return enqueued;
    }

    @Override
    public Claims claim(BotId bot, int max) {
        Batch.requireClaim(max);
        byte[] packed = BucketScript.argument(limits.apply(bot));
        byte[] asked = ByteBuffer.allocate(2 * Integer.BYTES + 2 * Double.BYTES + packed.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(max)
                .putDouble(MessageRecord.micros(settings.lease()))
                .putDouble(MessageRecord.micros(settings.keep()))
                .putInt(settings.retry().maxRetries())
                .put(packed)
                .array();
        ScriptReply reply = run(redis, QueueScripts.CLAIM, bot, List.of(asked));
        long wakeUp = reply.number(1);
        List<Leased> messages = leased(bot, reply, 5, reply.number(0), reply.number(2));
        String shadowDenied = reply.text(3);
        if (reply.number(4) == 1) {
            mending.rebuildBeside(bot);
        }
        return new Claims(
                messages,
                wakeUp < 0 ? Optional.empty() : Optional.of(MessageRecord.duration(wakeUp)),
                shadowDenied.isEmpty() ? List.of() : List.of(shadowDenied.split(" ")));
    }

    @Override
    public void limitsChanged(BotId bot) {
        long cursor = 0;
        do {
            var arguments = List.of(number(cursor), number(LOOKED_AT));
            cursor = run(settling, QueueScripts.LIMITS_CHANGED, bot, arguments).number(0);
        } while (cursor != 0);
        waiter.stir(bot);
    }

    private List<Leased> leased(BotId bot, ScriptReply reply, int from, long firstFence, long now) {
        var messages = new ArrayList<Leased>((reply.size() - from) / 2);
        long fence = firstFence;
        for (int i = from; i < reply.size(); i += 2) {
            var id = new MessageId(bot, reply.number(i));
            long its = fence++;
            Optional<Leased> leased =
                    MessageRecord.read(id, reply.bytes(i + 1), record -> record.leased(its, settings.lease(), now));
            leased.ifPresentOrElse(messages::add, () -> mending.mend(bot));
        }
        return messages;
    }

    @Override
    public List<Leased> claimAlong(Lease lease, int behind) {
        BotId bot = lease.id().bot();
        byte[] asked = ByteBuffer.allocate(3 * Double.BYTES + 3 * Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putDouble(lease.id().number())
                .putDouble(lease.fence())
                .putDouble(MessageRecord.micros(settings.lease()))
                .putInt(behind)
                .putInt(Joint.LONGEST)
                .putInt(MAX_ALONG)
                .array();
        ScriptReply reply = run(redis, QueueScripts.ALONG, bot, List.of(asked));
        return leased(bot, reply, 2, reply.number(0), reply.number(1));
    }

    @Override
    public Claims awaitWork(BotId bot, int max, Duration atMost) throws InterruptedException {
        if (!awaited.getAndSet(true)) {
            news.hear(waiter::stir);
        }
        return waiter.await(bot, () -> claim(bot, max), atMost);
    }

    @Override
    public List<Optional<MessageState>> settle(BotId bot, List<Settlement> settlements) {
        Batch.require(bot, settlements, Settlement::lease);
        if (settlements.isEmpty()) {
            return List.of();
        }
        ScriptReply reply = run(
                settling,
                QueueScripts.SETTLE,
                bot,
                SettleArguments.of(settlements, limits.apply(bot), settings, random));
        var states = new ArrayList<Optional<MessageState>>(settlements.size());
        for (int i = 0; i < settlements.size(); i++) {
            states.add(MessageRecord.known(reply.number(i)));
        }
        tellLowered(reply, settlements.size());
        waiter.stir(bot); // the chats' next ones may go
        return states;
    }

    private void tellLowered(ScriptReply reply, int at) {
        String[] scopes = {"bot", "chat", "group"};
        for (int i = 0; i < scopes.length; i++) {
            for (long times = reply.number(at + i); times > 0; times--) {
                settings.learning().lowered().accept(scopes[i]);
            }
        }
    }

    @Override
    public List<Boolean> extend(BotId bot, List<Lease> leases, Duration lease) {
        Batch.require(bot, leases, held -> held);
        QueueSettings.requireLease(lease);
        var asked = ByteBuffer.allocate(Double.BYTES * (1 + 2 * leases.size()))
                .order(ByteOrder.LITTLE_ENDIAN)
                .putDouble(MessageRecord.micros(lease));
        for (Lease held : leases) {
            asked.putDouble(held.id().number()).putDouble(held.fence());
        }
        if (leases.isEmpty()) {
            return List.of();
        }
        ScriptReply reply = run(settling, QueueScripts.EXTEND, bot, List.of(asked.array()));
        var held = new ArrayList<Boolean>(leases.size());
        for (int i = 0; i < leases.size(); i++) {
            held.add(reply.number(i) == 1);
        }
        return held;
    }

    @Override
    public Change cancel(MessageId id) {
        return listed.change("cancel", id);
    }

    @Override
    public Change reprioritise(MessageId id, Priority priority) {
        var arguments = List.of(number(id.number()), number(MessageRecord.rank(priority)));
        Change change = RedisListedMessages.changed(run(redis, QueueScripts.REPRIORITISE, id.bot(), arguments));
        waiter.stir(id.bot());
        return change;
    }

    @Override
    public Optional<MessageDetails> find(MessageId id) {
        ScriptReply reply = run(redis, QueueScripts.FIND, id.bot(), List.of(number(id.number())));
        return reply.size() == 0 ? Optional.empty() : Optional.of(new MessageRecord(id, reply.bytes(0)).details());
    }

    @Override
    public Optional<Why> why(MessageId id) {
        var arguments = List.of(number(id.number()), BucketScript.argument(limits.apply(id.bot())));
        ScriptReply reply = run(redis, QueueScripts.WHY, id.bot(), arguments);
        if (reply.size() == 0) {
            return Optional.empty();
        }
        long ahead = reply.number(1);
        Why.Hold first = QueueReplies.hold(reply);
        return Optional.of(
                new Why(MessageRecord.state(reply.number(0)), ahead == 0 ? first : new Why.Hold.Behind(first), ahead));
    }

    @Override
    public QueueStatistics statistics(BotId bot) {
        return QueueReplies.statistics(run(redis, QueueScripts.STATISTICS, bot, List.of()), settings.bound());
    }

    @Override
    public void pause(BotId bot, PauseScope scope) {
        pause(bot, scope, true);
    }

    @Override
    public void resume(BotId bot, PauseScope scope) {
        pause(bot, scope, false);
        waiter.stir(bot);
    }

    private void pause(BotId bot, PauseScope scope, boolean on) {
        registry.register(bot); // whatever is written of a bot's queue is removed with it
        String word = switch (scope) {
            case PauseScope.WholeBot all -> "bot";
            case PauseScope.OneChat chat -> "chat";
            case PauseScope.OnePriority(Priority priority) -> QueueReplies.rank(priority);
        };
        String lane = scope instanceof PauseScope.OneChat(ChatId chat) ? Lanes.of(chat) : "";
        var arguments =
                List.of(MessageRecord.ascii(on ? "1" : "0"), MessageRecord.ascii(word), MessageRecord.ascii(lane));
        run(redis, QueueScripts.PAUSE, bot, arguments);
    }

    @Override
    public void identify(BotId bot, ChatId chat, ChatId id) {
        Lanes.requireIdentity(chat, id);
        registry.register(bot);
        TelegramLimits binding = limits.apply(bot);
        var arguments = List.of(
                MessageRecord.ascii(Lanes.of(chat)),
                MessageRecord.ascii(Lanes.of(id)),
                number(MAX_ALIASES),
                number(binding.chat().capacity()),
                number(binding.group().capacity()));
        // In steps, since Redis serves nobody meanwhile. What is left the next claims move.
        boolean more = true;
        for (int step = 0; more && step < MOST_STEPS; step++) {
            more = run(redis, QueueScripts.IDENTIFY, bot, arguments).number(0) == 1;
        }
        waiter.stir(bot);
    }

    @Override
    public ChatId identity(BotId bot, ChatId chat) {
        String lane = Lanes.of(chat);
        String known = run(redis, QueueScripts.IDENTITY, bot, List.of(MessageRecord.ascii(lane)))
                .text(0);
        return known.equals(lane) ? chat : new ChatId(known);
    }

    @Override
    public void listen(Consumer<BotId> heard) {
        news.hear(heard);
    }

    @Override
    public boolean isListening() {
        return news.isLive();
    }

    @Override
    public Set<BotId> bots() {
        return registry.all();
    }

    @Override
    public Set<BotId> forgetUnused(Duration unused) {
        QueueSettings.requireUnused(unused);
        List<byte[]> micros = List.of(MessageRecord.ascii(Long.toString(HeldMessage.micros(unused))));
        // First the queue: should this process die in between, its bot is still named and found empty the next time.
        return registry.forget(
                unused, bot -> run(redis, QueueScripts.RETIRE, bot, micros).number(0) == 1);
    }

    @Override
    public DeadLetters deadLetters() {
        return listed.deadLetters();
    }

    @Override
    public UnknownMessages unknowns() {
        return listed.unknowns();
    }

    @Override
    public Callbacks callbacks() {
        return callbacks;
    }

    @Override
    public Snapshots snapshots() {
        return snapshots;
    }

    @Override
    public PersonalData personalData() {
        return new RedisForgottenChats(settling, keys, settings, registry, mending);
    }

    private ScriptReply run(ScriptRunner runner, Script script, BotId bot, List<byte[]> arguments) {
        return mending.run(runner, script, bot, QueueScripts.keys(bot, keys), arguments);
    }

    private static byte[] number(long value) {
        return MessageRecord.ascii(Long.toString(value));
    }
}
