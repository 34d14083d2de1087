package dev.sluice.history;

import dev.sluice.history.HistoryLists.Kept;
import dev.sluice.history.HistoryLists.Line;
import dev.sluice.history.HistoryLists.Look;
import dev.sluice.history.HistoryLists.Selection;
import dev.sluice.history.HistoryLists.State;
import dev.sluice.history.HistoryLists.Written;
import dev.sluice.history.HistoryPlaces.Place;
import dev.sluice.history.HistoryPlaces.Run;
import dev.sluice.privacy.PersonalData;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisScriptException;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.ScriptRunner;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was said last in each chat, for whoever answers next. Thread-safe; blocks its (virtual) thread.
 *
 * <p>Guarantees: what is appended is there once, by its id, behind what was appended before, as long as it is within {@link HistoryBounds}; of
 * appends at the same time none is lost. What is not there is loaded from the {@link HistoryStore}, once for all who want it, and an append
 * that comes meanwhile is neither lost nor doubled. Redis sees texts encrypted only, and those of users whose privacy level is {@code none} not
 * at all.
 *
 * <p>While Redis does not answer, appends wait in this process' memory until it does, and reads go on from the store, or without one from what
 * waits; within Redis' deadline and {@link HistorySettings#within}.
 */
public final class Histories implements PersonalData, AutoCloseable {
    /** So that one step stays short. */
    public static final int MOST_AT_ONCE = 100;

    private static final Logger log = LoggerFactory.getLogger(Histories.class);

    private final HistorySettings settings;
    private final Optional<HistoryLists> redis;
    private final InMemoryHistoryLists here;
    private final Optional<HistoryLists> main;
    private final Optional<StoreCalls> store;
    private final Optional<HistoryLoader> loader;
    private final HistoryPlaces places;
    private final HistorySeals seals;
    private final TokenCounter counter;
    private final HistoryEvents events;
    private final OwedAppends owed;
    private final LongSupplier microClock;

    /** For one process, until it ends. */
    public static HistoriesBuilder inMemory() {
        return new HistoriesBuilder(Optional.empty());
    }

    /**
     * Shared by all processes on one Redis.
     *
     * @param redis with deadlines, and best behind a breaker
     */
    public static HistoriesBuilder onRedis(ScriptRunner redis, KeySpace keys) {
        return new HistoriesBuilder(Optional.of(bounds -> new RedisHistoryLists(redis, keys, bounds)));
    }

    Histories(HistoriesBuilder made) {
        this.settings = made.settings;
        this.events = made.events;
        this.counter = made.counter;
        this.redis = made.redisLists();
        this.microClock = made.microClock;
        // A quarter is for what waits for Redis.
        long waiting = redis.isPresent() ? settings.memory() / 4 : 0;
        this.here = new InMemoryHistoryLists(settings, settings.memory() - waiting, microClock);
        this.main = made.mode == HistoryMode.OFF ? Optional.empty() : Optional.of(redis.orElse(here));
        this.seals = redis.isPresent() ? new HistorySeals(made.sealer) : HistorySeals.HERE;
        this.store = made.store.map(port -> new StoreCalls(port, settings, events));
        this.places = new HistoryPlaces(made.levels);
        this.loader =
                store.flatMap(calls -> main.map(lists -> new HistoryLoader(calls, lists, this::loadedLines, settings)));
        this.owed = new OwedAppends(waiting, this::writeOwed, events);
    }

    /** All that is kept. */
    public History read(HistoryKey key) {
        return read(key, HistoryBounds.MOST_ENTRIES, HistoryBounds.MOST_TOKENS);
    }

    /**
     * The newest entries.
     *
     * @param entries how many at most, 1 to {@link HistoryBounds#MOST_ENTRIES}
     * @param tokens how many they may have together, 1 to {@link HistoryBounds#MOST_TOKENS}: of an entry that has more, and of those before it,
     *     nothing is shown
     */
    public History read(HistoryKey key, int entries, int tokens) {
        requireWithin("the entries asked for", entries, HistoryBounds.MOST_ENTRIES);
        requireWithin("the tokens asked for", tokens, HistoryBounds.MOST_TOKENS);
        var selection = new Selection(entries, tokens);
        try {
            return switch (placeOf(key)) {
                case HERE -> own(key, selection);
                case UNKNOWN -> throw HistoryPlaces.unknown();
                case ANYWHERE ->
                    main.isPresent() ? kept(key, main.get(), selection) : without(key, selection, store.isPresent());
            };
        } catch (RedisUnavailableException | RedisScriptException e) {
            went(e);
            return without(key, selection, false);
        }
    }

    /** Without Redis there is no other place for what may be written nowhere, or of which nobody knows whether it may. */
    private Place placeOf(HistoryKey key) {
        return redis.isPresent() ? places.ofChat(key) : places.ofChat(key).withoutRedis();
    }

    private History own(HistoryKey key, Selection selection) {
        Look look = here.read(key, selection);
        tell(key, !look.entries().isEmpty());
        return HistorySeals.HERE.open(key, look, false);
    }

    private History kept(HistoryKey key, HistoryLists lists, Selection selection) {
        if (!isSettled(key)) {
            History there = seals.open(key, lists.read(key, Selection.ALL), false);
            List<NewEntry> shared = there.entries().stream()
                    .map(entry -> Ready.of(entry).entry())
                    .toList();
            return assembled(key, Optional.of(shared), selection, false);
        }
        Look look = lists.read(key, selection);
        boolean found = look.state() == State.LOADED || loader.isEmpty() && look.version() > 0;
        tell(key, found);
        if (found || loader.isEmpty()) {
            return shown(key, look, selection, true);
        }
        return switch (loader.get().load(key)) {
            case HistoryLoader.Outcome.Filled() -> shown(key, lists.read(key, selection), selection, true);
            case HistoryLoader.Outcome.Failed() -> shown(key, lists.read(key, selection), selection, false);
            case HistoryLoader.Outcome.Unwritten(List<NewEntry> loaded) -> {
                events.unavailable();
                yield assembled(key, Optional.of(loaded), selection, true);
            }
        };
    }

    /** What waits may have to wait on although Redis answers: because its memory is full, or because of the store. Those who read must not. */
    private boolean isSettled(HistoryKey key) {
        try {
            owed.settle(key);
            return true;
        } catch (RedisScriptException | HistoryStoreException e) {
            went(e);
            return false;
        }
    }

    /** What the store says, and what is here. */
    private History without(HistoryKey key, Selection selection, boolean complete) {
        Optional<List<NewEntry>> loaded = store.flatMap(calls -> calls.load(key));
        return assembled(key, loaded, selection, complete && loaded.isPresent());
    }

    private History assembled(HistoryKey key, Optional<List<NewEntry>> loaded, Selection selection, boolean complete) {
        var all = new InMemoryHistoryLists(settings, HistorySettings.MOST_MEMORY, microClock);
        all.append(key, lines(key, HistorySeals.HERE, HistoryPlaces.storable(runs(key, loaded.orElse(List.of())))));
        Look mine = here.read(key, Selection.ALL);
        for (Kept kept : mine.entries()) {
            HistorySeals.HERE
                    .read(key, kept)
                    .ifPresent(entry -> all.append(key, List.of(Ready.of(entry).line(key, HistorySeals.HERE))));
        }
        all.append(key, lines(key, HistorySeals.HERE, owed.of(key)));
        return HistorySeals.HERE.open(key, all.read(key, selection), complete);
    }

    /** What is shared, and among it what must not be. */
    private History shown(HistoryKey key, Look look, Selection selection, boolean complete) {
        if (redis.isEmpty() || here.isEmpty()) {
            return seals.open(key, look, complete);
        }
        return MergedHistory.of(key, seals, look, here.read(key, selection), selection, complete);
    }

    /**
     * Appends what was said, in this order.
     *
     * @param entries 1 to {@link #MOST_AT_ONCE}
     * @throws HistoryStoreException if the store did not take it; nothing was appended then that the store did not take, and to try again with the
     *     same ids is safe
     * @throws RedisUnavailableException if Redis does not answer, and there is no room to let it wait here
     * @throws IllegalArgumentException if an entry of a private chat is somebody else's than its user's
     */
    public Appended append(HistoryKey key, List<NewEntry> entries) {
        requireWithin("the entries appended at once", entries.size(), MOST_AT_ONCE);
        List<Ready> ready =
                entries.stream().map(entry -> Ready.of(key, entry, counter)).toList();
        Optional<RedisUnavailableException> away = settleOwed(key);
        var done = new Appended(0, 0, 0, true);
        for (Run run : places.runs(ready)) {
            Appended part =
                    switch (redis.isPresent() ? run.place() : run.place().withoutRedis()) {
                        case ANYWHERE -> share(key, run.entries(), away);
                        case HERE -> keepHere(key, run.entries());
                        case UNKNOWN -> owe(key, run.entries(), HistoryPlaces.unknown());
                    };
            done = new Appended(
                    part.version(),
                    done.added() + part.added(),
                    done.duplicates() + part.duplicates(),
                    done.shared() && part.shared());
        }
        events.appended(done.added(), done.duplicates());
        if (log.isDebugEnabled()) {
            log.debug("history {}: {} added, {} there before", key.digest(), done.added(), done.duplicates());
        }
        return done;
    }

    /** What waits goes first, and before it is decided where what comes may be: that decision must not get old. */
    private Optional<RedisUnavailableException> settleOwed(HistoryKey key) {
        try {
            owed.settle(key);
            return Optional.empty();
        } catch (RedisUnavailableException e) {
            return Optional.of(e);
        }
    }

    private Appended share(HistoryKey key, List<Ready> entries, Optional<RedisUnavailableException> away) {
        store.ifPresent(calls -> calls.append(key, entries));
        if (main.isEmpty()) {
            return new Appended(0, store.isPresent() ? entries.size() : 0, 0, store.isPresent());
        }
        if (away.isPresent()) {
            return owe(key, entries, away.get());
        }
        try {
            Written written = main.get().append(key, lines(key, seals, entries));
            return new Appended(
                    written.version(), written.added(), entries.size() - written.added(), redis.isPresent());
        } catch (RedisUnavailableException e) {
            return owe(key, entries, e);
        }
    }

    /** What must not leave this process; behind what was said before it, wherever that is. */
    private Appended keepHere(HistoryKey key, List<Ready> entries) {
        long number = 0;
        if (redis.isPresent() && main.isPresent() && !key.isPrivate()) {
            try {
                number = redis.get().append(key, List.of()).version();
            } catch (RedisUnavailableException e) {
                went(e);
            }
        }
        Written written = here.append(key, number, lines(key, HistorySeals.HERE, entries));
        return new Appended(written.version(), written.added(), entries.size() - written.added(), false);
    }

    private Appended owe(HistoryKey key, List<Ready> entries, RedisUnavailableException why) {
        went(why);
        long now = microClock.getAsLong();
        if (!owed.add(key, entries.stream().map(entry -> entry.saidBy(now)).toList())) {
            throw why;
        }
        return new Appended(0, entries.size(), 0, false);
    }

    /** Redis answers again, and with it whose texts may be written. */
    private void writeOwed(HistoryKey key, List<Ready> entries) {
        for (Run run : places.runs(entries)) {
            switch (run.place()) {
                case UNKNOWN -> throw HistoryPlaces.unknown();
                case HERE -> here.append(key, lines(key, HistorySeals.HERE, run.entries()));
                case ANYWHERE -> {
                    store.ifPresent(calls -> calls.append(key, run.entries()));
                    redis.orElseThrow().append(key, lines(key, seals, run.entries()));
                }
            }
        }
    }

    /**
     * Removes all that is kept of a chat, in the store first.
     *
     * @return how many entries there were, here and in Redis
     * @throws HistoryStoreException if the store did not do so; nothing was changed elsewhere
     * @throws RedisUnavailableException if Redis does not answer: then it is there yet, unless that says otherwise
     */
    public int clear(HistoryKey key) {
        store.ifPresent(calls -> calls.clear(key));
        int cleared = owed.clear(key);
        if (redis.isPresent()) {
            cleared += here.clear(key, false);
        }
        return cleared + main.map(lists -> lists.clear(key, loader.isPresent())).orElse(0);
    }

    @Override
    public String family() {
        return "recent_history";
    }

    /** Removes a user's private chats and what they said in others, here, in Redis and in the store. */
    @Override
    public long forget(long user) {
        return here.forget(user) + forgetText(user);
    }

    /** Likewise, but not what is in this process' memory only. */
    @Override
    public long forgetText(long user) {
        long forgotten = owed.forget(Set.of(user));
        // The store first: else what it still has would be loaded again.
        if (store.isPresent()) {
            forgotten += store.get().forget(user);
        }
        return forgotten + redis.map(lists -> lists.forget(user)).orElse(0L);
    }

    /** What waits for Redis as well, or it would be written there. */
    @Override
    public void forgetHere(long user) {
        forgetHere(Set.of(user));
    }

    @Override
    public void forgetHere(Set<Long> users) {
        here.forget(users);
        owed.forget(users);
    }

    @Override
    public void forgetEverybodyHere() {
        here.clear();
        events.dropped(owed.clear());
    }

    /** For those whose store only they reach; not where there is a {@link HistoryStore}. */
    public ClientLoads clientLoads() {
        return new ClientLoads(this, this::loadedLines);
    }

    /** Whether all that is said there is in this process' memory and must not be anywhere else. */
    boolean isOnlyHere(HistoryKey key) {
        return placeOf(key) == Place.HERE;
    }

    /** Where they lie; empty if they are turned off. */
    Optional<HistoryLists> lists() {
        return main;
    }

    /** How many chats wait here for Redis to come back. */
    public int owedChats() {
        return owed.chats();
    }

    /** Tries no more to append what waits, and waits for no load. */
    @Override
    public void close() {
        owed.close();
        loader.ifPresent(HistoryLoader::close);
    }

    private List<Line> loadedLines(HistoryKey key, List<NewEntry> loaded) {
        List<Run> runs = runs(key, loaded);
        if (runs.stream().anyMatch(run -> run.place() == Place.UNKNOWN)) {
            throw HistoryPlaces.unknown();
        }
        return lines(key, seals, HistoryPlaces.storable(runs));
    }

    private List<Run> runs(HistoryKey key, List<NewEntry> loaded) {
        return places.runs(
                loaded.stream().map(entry -> Ready.loaded(key, entry, counter)).toList());
    }

    private static List<Line> lines(HistoryKey key, HistorySeals write, List<Ready> entries) {
        return entries.stream().map(entry -> entry.line(key, write)).toList();
    }

    private void tell(HistoryKey key, boolean found) {
        events.read(found);
        if (log.isDebugEnabled()) {
            log.debug("history {}: {}", key.digest(), found ? "hit" : "miss");
        }
    }

    private void went(RuntimeException why) {
        events.unavailable();
        log.debug("histories go on without Redis: {}", why.getClass().getSimpleName());
    }

    private static void requireWithin(String what, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(what + " must be 1 to " + most + ", not " + value);
        }
    }
}
