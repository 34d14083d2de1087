package dev.sluice.bundle;

import dev.sluice.bundle.AsideBundles.Requeue;
import dev.sluice.bundle.InMemoryLooks.Moment;
import dev.sluice.redis.Announcements.Subscription;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Bundles of one process. Each step holds one lock over all. */
final class InMemoryBundleStore implements BundleStore {
    static final int MOST_PEOPLE = 100_000;

    /** Of all that waits, and of the ids of what does not any more. */
    static final long MOST_BYTES = 64L << 20;

    /** What a message takes beside its text, and what its id takes once it is handled: many messages have no text. */
    static final int MESSAGE_BYTES = 256;

    private static final int ID_BYTES = 128;

    /** In each step so many are forgotten at most whose time is over. */
    private static final int FORGOTTEN_AT_ONCE = 4;

    private record Entry(HeldConversation held, Optional<Moment> look, Moment end, long bytes) {}

    private final LongSupplier microClock;
    private final BundleSettings settings;
    private final int mostPeople;
    private final long mostBytes;
    private final ReentrantLock step = new ReentrantLock();
    private final Map<Conversation, Entry> entries = new HashMap<>();
    private final InMemoryLooks looks = new InMemoryLooks();
    private final TreeSet<Moment> ends = new TreeSet<>(Moment.ORDER);
    private final List<Consumer<BotId>> listeners = new CopyOnWriteArrayList<>();
    private final InMemoryAside aside;
    private final InMemoryLastLeases lastLeases;

    private long bytes;

    InMemoryBundleStore(LongSupplier microClock, BundleSettings settings, int mostPeople) {
        this(microClock, settings, mostPeople, MOST_BYTES);
    }

    InMemoryBundleStore(LongSupplier microClock, BundleSettings settings, int mostPeople, long mostBytes) {
        this.microClock = microClock;
        this.settings = settings;
        this.mostPeople = mostPeople;
        this.mostBytes = mostBytes;
        this.aside = new InMemoryAside(HeldConversation.micros(settings.kept()));
        this.lastLeases = new InMemoryLastLeases(settings.mostLost());
    }

    @Override
    public Answer add(Incoming message) {
        return atomically(() -> {
            long now = microClock.getAsLong();
            forgetOver(now);
            OptionalLong before = heldOrNew(message.conversation()).arrival(message.id());
            if (before.isPresent()) {
                return new Answer.Duplicate(before.getAsLong());
            }
            if (!madeRoom(message.conversation(), message.size(), message.size() + MESSAGE_BYTES)) {
                return new Answer.Full();
            }
            HeldConversation held = heldOrNew(message.conversation());
            change(held, now, () -> held.add(message, now, settings));
            return new Answer.Added(now);
        });
    }

    @Override
    public Claimed claim(BotId bot, int most, Duration lease) {
        return atomically(() -> {
            long now = microClock.getAsLong();
            forgetOver(now);
            var claimed = new ArrayList<Leased>();
            var asideNow = new ArrayList<AsideBundle>();
            int gone = 0;
            OptionalLong next = looks.next(bot);
            while (claimed.size() < most && next.isPresent() && next.getAsLong() <= now) {
                HeldConversation held = held(looks.of(bot).first().conversation());
                held.endLease();
                if (lastLeases.isOver(held)) {
                    Aside made = setAside(held, now, AsideBundle.Reason.LOST);
                    asideNow.addAll(made.bundles());
                    gone += made.gone();
                } else {
                    OptionalLong later = lastLeases.waitsUntil(held, this::heldOrNew, now);
                    change(held, now, () -> {
                        if (later.isPresent()) {
                            held.postpone(later.getAsLong());
                        } else {
                            claimed.add(held.claim(now, HeldConversation.micros(lease)));
                        }
                    });
                }
                next = looks.next(bot);
            }
            return new Claimed(
                    List.copyOf(claimed),
                    next.isPresent()
                            ? Optional.of(Duration.of(Math.max(0, next.getAsLong() - now), ChronoUnit.MICROS))
                            : Optional.empty(),
                    asideNow.isEmpty() ? Aside.NOTHING : new Aside(List.copyOf(asideNow), gone));
        });
    }

    private Aside setAside(HeldConversation held, long now, AsideBundle.Reason reason) {
        var made = new ArrayList<HeldConversation.SetAside>(1);
        long until = now + HeldConversation.micros(settings.kept());
        change(held, now, () -> made.add(held.setAside(now, reason, until)));
        return aside.add(held.conversation().bot(), now, made.getFirst());
    }

    @Override
    public Aside setAside(Conversation conversation, long fence) {
        return atomically(() -> {
            Entry known = entries.get(conversation);
            return known == null || !known.held().isLeased(fence)
                    ? Aside.NOTHING
                    : setAside(known.held(), microClock.getAsLong(), AsideBundle.Reason.UNREADABLE);
        });
    }

    @Override
    public List<AsideBundle> aside(BotId bot, long after, int most) {
        return atomically(() -> aside.list(bot, microClock.getAsLong(), after, most));
    }

    @Override
    public long asideCount(BotId bot) {
        return atomically(() -> aside.count(bot, microClock.getAsLong()));
    }

    @Override
    public Requeued requeue(BundleId id) {
        return atomically(() -> {
            long now = microClock.getAsLong();
            Optional<InMemoryAside.Entry> there = aside.find(id, now);
            if (there.isEmpty()) {
                return new Requeued(Requeue.GONE, Aside.NOTHING);
            }
            InMemoryAside.Entry entry = there.get();
            if (!madeRoom(id.conversation(), entry.bytes(), entry.weight())) {
                return new Requeued(Requeue.FULL, Aside.NOTHING);
            }
            HeldConversation held = heldOrNew(id.conversation());
            aside.remove(entry);
            change(held, now, () -> held.requeue(entry, now));
            return new Requeued(Requeue.BACK, Aside.NOTHING);
        });
    }

    @Override
    public boolean drop(BundleId id) {
        return atomically(() -> {
            Optional<InMemoryAside.Entry> there = aside.find(id, microClock.getAsLong());
            there.ifPresent(aside::remove);
            return there.isPresent();
        });
    }

    @Override
    public boolean renew(Conversation conversation, long fence, Duration lease) {
        return changed(conversation, (held, now) -> held.renew(fence, now, HeldConversation.micros(lease)), false);
    }

    @Override
    public boolean settle(Conversation conversation, long fence) {
        return changed(conversation, (held, now) -> held.settle(fence, now), false);
    }

    @Override
    public Return putBack(Conversation conversation, long fence, Duration after, boolean failed) {
        return changed(
                conversation,
                (held, now) ->
                        held.putBack(fence, now, HeldConversation.micros(after), failed ? settings.mostFailures() : 0),
                Return.LOST);
    }

    @Override
    public Standing standing(BotId bot) {
        return atomically(() -> {
            long now = microClock.getAsLong();
            TreeSet<Moment> all = looks.of(bot);
            return new Standing(
                    all.size(), all.stream().takeWhile(look -> look.at() <= now).count());
        });
    }

    @Override
    public Set<Conversation> conversations(long user) {
        return conversations(Set.of(user));
    }

    /** Of several users, in one pass. */
    Set<Conversation> conversations(Set<Long> users) {
        return atomically(() -> Stream.concat(entries.keySet().stream(), aside.conversations().stream())
                .filter(conversation -> users.contains(conversation.user()) || users.contains(conversation.chat()))
                .collect(Collectors.toUnmodifiableSet()));
    }

    @Override
    public List<Conversation> conversations(BotId bot, long user) {
        return atomically(() -> Stream.concat(
                        looks.of(bot).stream().map(Moment::conversation),
                        aside.conversations().stream()
                                .filter(conversation -> conversation.bot().equals(bot)))
                .filter(conversation -> conversation.user() == user)
                .distinct()
                .toList());
    }

    @Override
    public boolean forget(Conversation conversation) {
        return atomically(() -> {
            Entry known = entries.get(conversation);
            if (known != null) {
                remove(known);
            }
            boolean wasAside = aside.forget(conversation);
            return wasAside || known != null;
        });
    }

    /**
     * What was forgotten.
     *
     * @param unhandled messages
     * @param aside bundles
     */
    record Forgotten(int unhandled, int aside) {}

    /** How many bundles are set aside here, of all bots. */
    int asideCount() {
        return atomically(aside::size);
    }

    /** Forgets all that is here. */
    Forgotten forgetAll() {
        return atomically(() -> {
            int unhandled = messages();
            List.copyOf(entries.values()).forEach(this::remove);
            return new Forgotten(unhandled, aside.clear());
        });
    }

    @Override
    public Subscription listen(Consumer<BotId> heard) {
        listeners.add(heard);
        return new Subscription() {
            @Override
            public boolean isLive() {
                return true;
            }

            @Override
            public void close() {
                listeners.remove(heard);
            }
        };
    }

    /** Whether this person has something unhandled here, or a message of this id has been here shortly before. */
    boolean goesOnHere(Conversation conversation, long id) {
        return atomically(() -> {
            Entry known = entries.get(conversation);
            return known != null
                    && known.end().at() > microClock.getAsLong()
                    && (known.look().isPresent() || known.held().arrival(id).isPresent());
        });
    }

    /** How many are known, be it of repeats only. */
    int known() {
        return atomically(entries::size);
    }

    private HeldConversation heldOrNew(Conversation conversation) {
        Entry known = entries.get(conversation);
        return known == null ? new HeldConversation(conversation) : known.held();
    }

    private boolean hasRoom(long weight) {
        return bytes + weight <= mostBytes;
    }

    /**
     * Whether there is room for more of somebody. Forgets repeats, those first that would be forgotten first, before anything is refused.
     *
     * @param size of the texts
     * @param weight what it takes here
     */
    private boolean madeRoom(Conversation conversation, long size, long weight) {
        while ((!hasRoom(weight) || entries.size() >= 2 * mostPeople) && !ends.isEmpty()) {
            Entry first = entry(ends.first().conversation());
            if (first.look().isPresent()) {
                break;
            }
            remove(first);
        }
        HeldConversation held = heldOrNew(conversation);
        return held.hasRoom(size) && hasRoom(weight) && (held.look().isPresent() || looks.size() < mostPeople);
    }

    /** Lets all that is still collected become due. */
    void closeAll(BotId bot) {
        atomically(() -> {
            long now = microClock.getAsLong();
            for (Moment look : List.copyOf(looks.of(bot))) {
                HeldConversation held = held(look.conversation());
                change(held, now, () -> held.close(now));
            }
            return true;
        });
    }

    /** How many messages of the bot are here and unhandled. */
    int messages(BotId bot) {
        return atomically(() -> looks.of(bot).stream()
                .mapToInt(look -> held(look.conversation()).count())
                .sum());
    }

    /** How many messages are here and unhandled. */
    int messages() {
        return atomically(() -> entries.values().stream()
                .mapToInt(entry -> entry.held().count())
                .sum());
    }

    /** Something that is done with a conversation at a time. */
    @FunctionalInterface
    private interface Change<T> {
        T on(HeldConversation held, long now);
    }

    private <T> T changed(Conversation conversation, Change<T> change, T unknown) {
        return atomically(() -> {
            Entry known = entries.get(conversation);
            if (known == null) {
                return unknown;
            }
            long now = microClock.getAsLong();
            var answer = new ArrayList<T>(1);
            change(known.held(), now, () -> answer.add(change.on(known.held(), now)));
            return answer.getFirst();
        });
    }

    private HeldConversation held(Conversation conversation) {
        return entry(conversation).held();
    }

    private Entry entry(Conversation conversation) {
        Entry known = entries.get(conversation);
        if (known == null) {
            throw new IllegalStateException("a bundle of nobody");
        }
        return known;
    }

    /** Does something with a conversation and puts it where it then belongs. */
    private void change(HeldConversation held, long now, Runnable change) {
        Conversation conversation = held.conversation();
        Entry known = entries.get(conversation);
        OptionalLong earliest = looks.next(conversation.bot());
        if (known != null) {
            remove(known);
        }
        change.run();
        OptionalLong look = held.look();
        Optional<Moment> moment =
                look.isPresent() ? Optional.of(new Moment(look.getAsLong(), conversation)) : Optional.empty();
        long remembered = Math.max(held.asideUntil(), now + HeldConversation.micros(settings.remembered()));
        long end = moment.isPresent() ? now + HeldConversation.micros(settings.kept()) : remembered;
        long weight = held.bytes()
                + (long) MESSAGE_BYTES * held.count()
                + (long) ID_BYTES * Math.max(0, held.ids() - held.count());
        var entry = new Entry(held, moment, new Moment(end, conversation), weight);
        entries.put(conversation, entry);
        ends.add(entry.end());
        bytes += weight;
        moment.ifPresent(then -> look(then, earliest));
    }

    /** @param before the earliest until now */
    private void look(Moment moment, OptionalLong before) {
        BotId bot = moment.conversation().bot();
        looks.add(moment);
        if (before.isEmpty() || moment.at() < before.getAsLong()) {
            listeners.forEach(listener -> listener.accept(bot));
        }
    }

    private void remove(Entry entry) {
        Conversation conversation = entry.held().conversation();
        entries.remove(conversation);
        ends.remove(entry.end());
        bytes -= entry.bytes();
        entry.look().ifPresent(looks::remove);
    }

    private void forgetOver(long now) {
        for (int i = 0; i < FORGOTTEN_AT_ONCE && !ends.isEmpty() && ends.first().at() <= now; i++) {
            remove(entry(ends.first().conversation()));
        }
        aside.forgetOver(now);
    }

    private <T> T atomically(Supplier<T> what) {
        step.lock();
        try {
            return what.get();
        } finally {
            step.unlock();
        }
    }
}
