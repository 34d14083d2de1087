package dev.sluice.queue;

import dev.sluice.limit.Charge;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * One bot's queue as one would explain it: one list of everything that was ever accepted, looked through from end to end for
 * every question. Which of the chats that may go is next it does not say: {@link ClaimCheck} asks it whether those that went
 * might. Knows no jitter and strict windows only.
 */
final class QueueModel {
    final BotId bot;
    final TelegramLimits limits;
    final QueueSettings settings;
    final PlainWindows windows = new PlainWindows();
    final List<ModelMessage> messages = new ArrayList<>();
    private final Set<ChatId> pausedChats = new HashSet<>();
    private final Set<Priority> pausedPriorities = EnumSet.noneOf(Priority.class);
    private final Map<ChatId, ChatId> aliases = new HashMap<>();
    private boolean botPaused;
    private long accepted;
    private long sent;
    private final Map<FailureClass, Long> failed = new EnumMap<>(FailureClass.class);
    private long last;
    long now;

    QueueModel(BotId bot, TelegramLimits limits, QueueSettings settings, long now) {
        this.bot = bot;
        this.limits = limits;
        this.settings = settings;
        this.now = now;
        for (FailureClass failure : FailureClass.values()) {
            failed.put(failure, 0L);
        }
    }

    void advance(Duration by) {
        now += ModelMessage.micros(by);
        forget();
    }

    private void forget() {
        messages.removeIf(it -> it.hasEnded() && it.until + ModelMessage.micros(settings.keep()) <= now);
    }

    /** Numbers, fences and the entries of lists ascend together. */
    long tick() {
        last = Math.max(last + 1, now);
        return last;
    }

    List<ModelMessage> in(MessageState state) {
        return messages.stream().filter(it -> it.state == state).toList();
    }

    Optional<ModelMessage> get(MessageId id) {
        return messages.stream().filter(it -> it.id.equals(id)).findFirst();
    }

    // Acceptance

    Enqueued enqueue(NewMessage message) {
        Optional<ModelMessage> known = message.once()
                .flatMap(once -> messages.stream()
                        .filter(it -> !it.keyFree)
                        .filter(it ->
                                it.asked.once().map(NewMessage.Once::digest).equals(Optional.of(once.digest())))
                        .findFirst());
        if (known.isPresent()) {
            return known.get().asked.once().equals(message.once())
                    ? new Enqueued.Known(known.get().id)
                    : new Enqueued.Mismatch(known.get().id);
        }
        if (messages.stream().filter(it -> !it.hasEnded()).count() >= settings.bound()) {
            return new Enqueued.Full(settings.bound());
        }
        var added = new ModelMessage(new MessageId(bot, tick()), message, now);
        rename(added);
        message.replaces().ifPresent(what -> replace(what, added));
        messages.add(added);
        accepted++;
        return new Enqueued.Added(added.id);
    }

    private void replace(Replacement what, ModelMessage newer) {
        for (ModelMessage older : List.copyOf(messages)) {
            Optional<Replacement> sets = older.replaceable ? older.asked.replaces() : Optional.empty();
            if (sets.isEmpty() || !sets.get().target().equals(what.target())) {
                continue;
            }
            if (!isFor(older, newer.chat) || !older.state.isPending()) {
                older.replaceable = false; // by a third one
            } else if (older.isWaiting() && (sets.get().parts() | what.parts()) == what.parts()) {
                giveUp(older, FailureClass.SUPERSEDED);
            }
        }
    }

    // Ends

    /** Nobody wants it sent any more. */
    Change giveUp(ModelMessage message, FailureClass why) {
        if (message.doubted || message.state == MessageState.QUEUED && message.lost) {
            unknown(message);
            message.failure = Optional.of(why);
            return Change.UNKNOWN;
        }
        message.keyFree = why != FailureClass.SUPERSEDED;
        fail(message, why);
        return Change.DONE;
    }

    /** What was given up was sent all the same. */
    void sentAfterAll(ModelMessage message, byte[] result) {
        failed.merge(message.failure.orElseThrow(), -1L, Long::sum);
        sent(message, result);
    }

    void fail(ModelMessage message, FailureClass failure) {
        message.state = MessageState.FAILED;
        message.failure = Optional.of(failure);
        message.dead = failure.isDeadLetter();
        message.replaceable = false;
        failed.merge(failure, 1L, Long::sum);
        if (message.dead) {
            message.until = tick();
        } else {
            ended(message, new byte[0]);
        }
    }

    void sent(ModelMessage message, byte[] result) {
        message.state = MessageState.SENT;
        message.failure = Optional.empty();
        sent++;
        ended(message, result);
    }

    private void ended(ModelMessage message, byte[] content) {
        message.replaceable = false;
        message.until = now;
        message.content = content;
        forget();
    }

    void unknown(ModelMessage message) {
        message.state = MessageState.UNKNOWN;
        message.until = tick();
    }

    void queue(ModelMessage message) {
        rename(message);
        message.state = MessageState.QUEUED;
        message.lost = false;
        message.until = 0;
    }

    /** What a claim finds that time has brought about. */
    void timePassed() {
        List<ModelMessage> ended = in(MessageState.LEASED).stream()
                .filter(it -> it.until <= now)
                .sorted(Comparator.comparingLong((ModelMessage it) -> it.until).thenComparing(ModelMessage::lane))
                .toList();
        for (ModelMessage message : ended) {
            message.attempted(Attempt.LEASE_LOST, now);
            message.along = false;
            if (mayRepeat(message)) {
                queue(message);
                message.lost = true;
            } else {
                unknown(message);
            }
        }
        messages.stream()
                .filter(it -> it.isWaiting() && it.deadline > 0 && it.deadline <= now)
                .sorted(Comparator.comparingLong((ModelMessage it) -> it.deadline)
                        .thenComparing(it -> it.id))
                .toList()
                .forEach(it -> giveUp(it, FailureClass.EXPIRED));
        in(MessageState.DELAYED).stream().filter(it -> it.until <= now).forEach(this::queue);
        in(MessageState.RETRYING).stream()
                .filter(it -> it.until <= now && !it.chat.map(this::now).equals(it.chat))
                .forEach(this::move);
    }

    // Chats with several ids

    private ChatId now(ChatId chat) {
        return aliases.containsKey(chat) ? now(aliases.get(chat)) : chat;
    }

    private void rename(ModelMessage message) {
        message.chat = message.chat.map(this::now);
    }

    private boolean isFor(ModelMessage message, Optional<ChatId> chat) {
        return message.chat.map(this::now).equals(chat.map(this::now));
    }

    void identify(ChatId chat, ChatId id) {
        ChatId into = now(id);
        if (into.equals(chat) || into.equals(aliases.get(chat))) {
            return;
        }
        aliases.put(chat, into);
        windows.join(TelegramLimits.chatBucket(bot, chat), TelegramLimits.chatBucket(bot, into));
        windows.join(TelegramLimits.groupBucket(bot, chat), TelegramLimits.groupBucket(bot, into));
        if (pausedChats.remove(chat)) {
            pausedChats.add(into);
        }
        messages.stream()
                .filter(it -> it.chat.filter(chat::equals).isPresent())
                .filter(it -> it.isInLane() && it.state != MessageState.LEASED)
                .forEach(this::move);
    }

    /** Into the lane of its chat's id. Between two attempts it waits no longer. */
    private void move(ModelMessage message) {
        rename(message);
        if (message.state == MessageState.RETRYING) {
            queue(message);
        }
    }

    boolean mayRepeat(ModelMessage message) {
        return message.asked.policy() == DeliveryPolicy.AT_LEAST_ONCE && hasAttempts(message);
    }

    boolean hasAttempts(ModelMessage message) {
        return message.attempts <= settings.retry().maxRetries();
    }

    // Changes by people

    Change cancel(MessageId id) {
        var became = new ArrayList<Change>();
        Change change = change(id, ModelMessage::isWaiting, it -> became.add(giveUp(it, FailureClass.CANCELLED)));
        return became.isEmpty() ? change : became.getFirst();
    }

    Change reprioritise(MessageId id, Priority priority) {
        return change(id, ModelMessage::isWaiting, it -> {
            it.priority = priority;
            it.vip = false;
        });
    }

    Change requeue(MessageId id) {
        return listed(change(id, it -> it.dead, this::requeue));
    }

    Change purge(MessageId id) {
        return listed(change(id, it -> it.dead, messages::remove));
    }

    Change resolve(MessageId id, UnknownMessages.Resolution resolution) {
        return listed(change(id, it -> it.state == MessageState.UNKNOWN, it -> resolve(it, resolution)));
    }

    private Change change(MessageId id, Predicate<ModelMessage> may, Consumer<ModelMessage> step) {
        Optional<ModelMessage> found = get(id);
        if (found.isEmpty()) {
            return Change.ABSENT;
        } else if (found.get().state == MessageState.LEASED) {
            return Change.IN_FLIGHT;
        } else if (!may.test(found.get())) {
            return Change.NOT_POSSIBLE;
        }
        step.accept(found.get());
        return Change.DONE;
    }

    /** What is in flight is in no list. */
    private static Change listed(Change change) {
        return change == Change.IN_FLIGHT ? Change.NOT_POSSIBLE : change;
    }

    private void requeue(ModelMessage message) {
        if (message.dead) {
            failed.merge(message.failure.orElseThrow(), -1L, Long::sum);
        }
        message.failure = Optional.empty();
        message.doubted = false;
        message.dead = false;
        message.attempts = 0;
        message.fence = 0;
        message.deadline = 0;
        queue(message);
    }

    private void resolve(ModelMessage message, UnknownMessages.Resolution resolution) {
        switch (resolution) {
            case SENT -> sent(message, new byte[0]);
            case FAILED -> {
                message.state = MessageState.FAILED;
                message.failure = Optional.of(FailureClass.REFUSED);
                failed.merge(FailureClass.REFUSED, 1L, Long::sum);
                ended(message, new byte[0]);
            }
            case REQUEUE -> requeue(message);
        }
    }

    /** The dead letters or the unknown messages that match, oldest first. */
    List<ModelMessage> list(boolean dead, ListFilter filter) {
        return messages.stream()
                .filter(it -> dead ? it.dead : it.state == MessageState.UNKNOWN)
                .filter(it -> filter.chat().isEmpty() || isFor(it, filter.chat()))
                .filter(it -> filter.reason().isEmpty()
                        || it.log.getLast().reason().equals(filter.reason().get()))
                .filter(it -> filter.from().isEmpty()
                        || !ModelMessage.instant(it.until)
                                .isBefore(filter.from().get()))
                .filter(it -> filter.until().isEmpty()
                        || ModelMessage.instant(it.until)
                                .isBefore(filter.until().get()))
                .sorted(Comparator.comparingLong(it -> it.until))
                .toList();
    }

    void pause(PauseScope scope, boolean on) {
        switch (scope) {
            case PauseScope.WholeBot() -> botPaused = on;
            case PauseScope.OneChat(ChatId chat) -> toggle(pausedChats, now(chat), on);
            case PauseScope.OnePriority(Priority priority) -> toggle(pausedPriorities, priority, on);
        }
    }

    private static <T> void toggle(Set<T> set, T member, boolean on) {
        if (on) {
            set.add(member);
        } else {
            set.remove(member);
        }
    }

    // Questions

    List<ModelMessage> lane(ModelMessage message) {
        return messages.stream()
                .filter(it -> it.isInLane() && it.lane().equals(message.lane()))
                .sorted((a, b) -> a.isBefore(b) ? -1 : b.isBefore(a) ? 1 : 0)
                .toList();
    }

    Why why(ModelMessage message) {
        if (message.state == MessageState.DELAYED) {
            return new Why(message.state, new Why.Hold.NotBefore(left(message.until)), 0);
        } else if (!message.isInLane()) {
            return new Why(message.state, new Why.Hold.Ended(), 0);
        }
        List<ModelMessage> lane = lane(message);
        int ahead = lane.indexOf(message);
        Why.Hold first = hold(lane.getFirst());
        return new Why(message.state, ahead == 0 ? first : new Why.Hold.Behind(first), ahead);
    }

    /** What holds the first of a lane. */
    Why.Hold hold(ModelMessage first) {
        if (first.state == MessageState.LEASED) {
            return new Why.Hold.InFlight(left(first.until));
        } else if (botPaused) {
            return new Why.Hold.Paused(new PauseScope.WholeBot());
        } else if (first.chat.filter(pausedChats::contains).isPresent()) {
            return new Why.Hold.Paused(new PauseScope.OneChat(first.chat.get()));
        } else if (!first.vip && pausedPriorities.contains(first.priority)) {
            return new Why.Hold.Paused(new PauseScope.OnePriority(first.priority));
        } else if (first.state == MessageState.RETRYING && first.until > now) {
            return new Why.Hold.Backoff(left(first.until));
        }
        return windows.denial(charges(first), now).<Why.Hold>map(it -> it).orElseGet(Why.Hold.Nothing::new);
    }

    List<Charge> charges(ModelMessage message) {
        NewMessage asked = message.asked;
        return limits.charges(bot, message.chat, asked.cost(), asked.send()).stream()
                .filter(charge -> !(message.vip && charge.bucket().scope().equals("user")))
                .toList();
    }

    private Duration left(long until) {
        return Duration.of(Math.max(0, until - now), ChronoUnit.MICROS);
    }

    QueueStatistics statistics() {
        Map<Priority, Long> depth = new EnumMap<>(Priority.class);
        Map<Priority, Long> retrying = new EnumMap<>(Priority.class);
        for (Priority priority : Priority.values()) {
            depth.put(priority, count(it -> it.isInLane() && !it.vip && it.priority == priority));
            retrying.put(priority, count(it -> it.state == MessageState.RETRYING && it.priority == priority));
        }
        return new QueueStatistics(
                accepted,
                sent,
                failed,
                count(it -> it.state == MessageState.UNKNOWN),
                count(it -> it.state == MessageState.DELAYED),
                count(it -> it.isInLane() && it.vip),
                depth,
                count(it -> it.state == MessageState.LEASED),
                retrying,
                count(it -> it.dead),
                settings.bound(),
                botPaused,
                pausedPriorities,
                pausedChats.size(),
                messages.stream()
                        .filter(ModelMessage::isInLane)
                        .map(it -> ModelMessage.instant(it.id.number()))
                        .min(Comparator.naturalOrder()));
    }

    private long count(Predicate<ModelMessage> which) {
        return messages.stream().filter(which).count();
    }
}
