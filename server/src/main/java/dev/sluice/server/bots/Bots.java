package dev.sluice.server.bots;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.encryption.KeptKey;
import dev.sluice.encryption.KeyRing;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.server.bots.BotStore.Kept;
import dev.sluice.server.bots.BotStore.KeptLimits;
import dev.sluice.server.bots.BotStore.Snapshot;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.BotToken;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The registered bots. Thread-safe. {@link #standing}, {@link #rules}, {@link #limits} and {@link #token} never wait; what changes or lists blocks its
 * (virtual) thread and throws {@link RedisUnavailableException} when the store does not answer: then a change may have been made.
 */
public final class Bots {
    private static final Logger log = LoggerFactory.getLogger(Bots.class);

    /** More often nobody changes the same bot at the same time. */
    private static final int TRIES = 5;

    private final BotStore store;
    private final KeyRing keys;
    private final Runnable shareKey;
    private final TokenCheck telegram;
    private final Function<BotId, BotRules> settings;
    private final InstantSource clock;
    private final ReentrantLock telling = new ReentrantLock();
    private volatile LimitsListener limitsListener = changed -> {};
    private volatile boolean sealedAnew;

    /** As the listener was told last. Guarded by {@link #telling}. */
    private Map<Long, KeptLimits> limitsTold = Map.of();

    Bots(
            BotStore store,
            KeyRing keys,
            Runnable shareKey,
            TokenCheck telegram,
            Function<BotId, BotRules> settings,
            InstantSource clock) {
        this.store = store;
        this.keys = keys;
        this.shareKey = shareKey;
        this.telegram = telegram;
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * Bots of this process alone, until it ends.
     *
     * @param settings what holds for a bot where its registration is silent, or where it has none
     */
    public static Bots inMemory(
            KeyRing keys, TokenCheck telegram, Function<BotId, BotRules> settings, InstantSource clock) {
        return new Bots(new InMemoryBotStore(), keys, () -> {}, telegram, settings, clock);
    }

    /** Bots that all processes on one Redis share; {@link BotsRefresh} keeps them current. Otherwise as in memory. */
    public static Bots onRedis(
            ScriptRunner redis,
            KeySpace space,
            KeyRing keys,
            KeptKey kept,
            TokenCheck telegram,
            Function<BotId, BotRules> settings,
            InstantSource clock) {
        return new Bots(new RedisBotStore(redis, space), keys, kept::share, telegram, settings, clock);
    }

    /** Whether a bot is registered, as far as this process knows. */
    public Standing standing(BotId bot) {
        return store.known()
                .map(known -> known.find(bot).isPresent() ? Standing.REGISTERED : Standing.NOT_REGISTERED)
                .orElse(Standing.NOT_KNOWN);
    }

    /** What holds for a bot, registered or not. */
    public BotRules rules(BotId bot) {
        BotRules given = settings.apply(bot);
        return known(bot).map(kept -> kept.record().rules().over(given)).orElse(given);
    }

    /** What was set of a bot's limits, registered or not, as far as this process knows. Never waits. */
    public SetLimits limits(BotId bot) {
        return store.known().map(known -> known.limits(bot)).orElse(SetLimits.NONE);
    }

    /** The same, as the store has it now. */
    public SetLimits limitsNow(BotId bot) {
        return store.read().limits(bot);
    }

    /** Says who hears of limits that change. Before that nobody does. */
    public void tellLimits(LimitsListener listener) {
        limitsListener = listener;
    }

    /** Changes what is set of a bot's limits, which holds here at once. */
    public LimitsChange changeLimits(BotId bot, UnaryOperator<SetLimits> change) {
        for (int i = 0; i < TRIES; i++) {
            Snapshot now = store.read();
            SetLimits before = now.limits(bot);
            SetLimits changed = change.apply(before);
            if (changed.equals(before)) {
                return new LimitsChange.Done(changed);
            }
            long seen = now.findLimits(bot).map(KeptLimits::revision).orElse(BotStore.ABSENT);
            switch (store.putLimits(bot, changed, seen)) {
                case DONE -> {
                    log.atInfo().addKeyValue("bot", bot).log("bot: limits changed");
                    tellLimits();
                    return new LimitsChange.Done(changed);
                }
                case FULL -> {
                    return new LimitsChange.Full(BotStore.MOST_BOTS);
                }
                case CHANGED -> {}
            }
        }
        return new LimitsChange.Contended();
    }

    private void tellLimits() {
        telling.lock();
        try {
            Map<Long, KeptLimits> before = limitsTold;
            limitsTold = store.known().map(Snapshot::limits).orElse(Snapshot.EMPTY.limits());
            limitsListener.looked(Stream.concat(before.keySet().stream(), limitsTold.keySet().stream())
                    .filter(bot -> !Objects.equals(before.get(bot), limitsTold.get(bot)))
                    .map(BotId::new)
                    .collect(Collectors.toSet()));
        } finally {
            telling.unlock();
        }
    }

    /** A registered bot's token, unless the key is gone that it was encrypted with. */
    public Optional<BotToken> token(BotId bot) {
        return known(bot).flatMap(kept -> token(kept.record()));
    }

    /** How many are registered, as far as this process knows. */
    public int count() {
        return store.known().map(known -> known.bots().size()).orElse(0);
    }

    /** The next bots in the order of their ids, at most {@code most}. */
    public List<Bot> list(long after, int most) {
        return store.read().bots().tailMap(after, false).values().stream()
                .limit(most)
                .map(kept -> bot(kept.record()))
                .toList();
    }

    public Optional<Bot> find(BotId bot) {
        return store.read().find(bot).map(kept -> bot(kept.record()));
    }

    /** Registers a bot, once Telegram has confirmed its token. */
    public Change add(BotToken token, OwnRules rules) {
        if (store.read().find(token.bot()).isPresent()) {
            return new Change.Exists();
        }
        return confirmed(token, username -> {
            var now = clock.instant();
            var record = new BotRecord(token.bot(), username, sealed(token), rules, now, now);
            return switch (store.put(record, BotStore.ABSENT)) {
                case DONE -> done(record, "registered");
                case CHANGED -> new Change.Exists();
                case FULL -> new Change.Full(BotStore.MOST_BOTS);
            };
        });
    }

    /** Puts a new token in the old one's place, once Telegram has confirmed it. */
    public Change rotate(BotId bot, BotToken token) {
        if (!token.bot().equals(bot)) {
            return new Change.OtherBotsToken();
        }
        if (store.read().find(bot).isEmpty()) {
            return new Change.Missing();
        }
        return confirmed(token, username -> {
            byte[] sealed = sealed(token);
            return change(bot, "new token", record -> record.withToken(sealed, username, clock.instant()));
        });
    }

    /** Changes what a bot's registration decides. */
    public Change changeRules(BotId bot, UnaryOperator<OwnRules> change) {
        return change(bot, "rules changed", record -> record.withRules(change.apply(record.rules())));
    }

    /** Removes a bot and its token. */
    public Change remove(BotId bot) {
        for (int i = 0; i < TRIES; i++) {
            Optional<Kept> kept = store.read().find(bot);
            if (kept.isEmpty()) {
                return new Change.Missing();
            }
            if (store.remove(bot, kept.get().revision()) == BotStore.Written.DONE) {
                tellLimits(); // they go with it
                return done(kept.get().record(), "removed");
            }
        }
        return new Change.Contended();
    }

    /**
     * Hears that Telegram has confirmed a token on its own bot's call. A bot has one valid token, so what is kept for a registered
     * bot is void if it is another.
     */
    public void confirmed(BotToken token) {
        Optional<Kept> kept = known(token.bot());
        if (kept.isEmpty() || token(kept.get().record()).filter(token::equals).isPresent()) {
            return;
        }
        byte[] sealed = sealed(token);
        change(
                token.bot(),
                "new token taken from its own call",
                record -> record.withToken(sealed, record.username(), clock.instant()));
    }

    /**
     * Reads what others have changed. The first time, tokens that an older key sealed are sealed anew; later no more, since
     * two replicas whose keys are in another order would undo each other's work for ever.
     *
     * @throws RedisUnavailableException if the store does not answer
     */
    void refresh() {
        int before = count();
        int limitsBefore = store.known().map(known -> known.limits().size()).orElse(0);
        // Each time, since a Redis that was wiped may have a new one; before the records that it sealed.
        shareKey.run();
        Snapshot now = store.read();
        if (now.bots().isEmpty() && now.revision() == 0 && before > 0) {
            log.warn("the registered bots are gone from Redis: {} were known", before);
        }
        if (now.limits().isEmpty() && now.revision() == 0 && limitsBefore > 0) {
            log.warn(
                    "the limits that were set are gone from Redis: those of {} bots are as the settings say again",
                    limitsBefore);
        }
        tellLimits();
        if (!sealedAnew) {
            sealAnew(now);
            sealedAnew = true;
        }
    }

    private void sealAnew(Snapshot snapshot) {
        for (Kept kept : snapshot.bots().values()) {
            BotRecord record = kept.record();
            if (!keys.isCurrent(record.sealedToken())) {
                token(record)
                        .ifPresentOrElse(
                                token -> store.put(record.sealedAnew(sealed(token)), kept.revision()),
                                () -> log.atError()
                                        .addKeyValue("bot", record.bot())
                                        .log(
                                                "this bot's token was encrypted with a key that is not in SLUICE_SECRET_KEY"));
            }
        }
    }

    private Change confirmed(BotToken token, Function<String, Change> then) {
        return switch (telegram.ask(token)) {
            case TokenCheck.Verdict.Valid(String username) -> {
                shareKey.run(); // or what is sealed now could be read by this process alone
                yield then.apply(username);
            }
            case TokenCheck.Verdict.Invalid() -> new Change.InvalidToken();
            case TokenCheck.Verdict.NotKnown(String why, var retryAfter) -> new Change.Unconfirmed(why, retryAfter);
        };
    }

    private Change change(BotId bot, String what, UnaryOperator<BotRecord> change) {
        for (int i = 0; i < TRIES; i++) {
            Optional<Kept> kept = store.read().find(bot);
            if (kept.isEmpty()) {
                return new Change.Missing();
            }
            BotRecord changed = change.apply(kept.get().record());
            if (store.put(changed, kept.get().revision()) == BotStore.Written.DONE) {
                return done(changed, what);
            }
        }
        return new Change.Contended();
    }

    private Change done(BotRecord record, String what) {
        log.atInfo().addKeyValue("bot", record.bot()).log("bot: {}", what);
        return new Change.Done(bot(record));
    }

    private Optional<Kept> known(BotId bot) {
        return store.known().flatMap(known -> known.find(bot));
    }

    private Bot bot(BotRecord record) {
        return new Bot(
                record.bot(),
                record.username(),
                record.rules().over(settings.apply(record.bot())),
                record.added(),
                record.tokenSince(),
                token(record).isPresent());
    }

    private byte[] sealed(BotToken token) {
        return keys.seal(context(token.bot()), token.reveal().getBytes(US_ASCII));
    }

    private Optional<BotToken> token(BotRecord record) {
        return keys.open(context(record.bot()), record.sealedToken())
                .flatMap(text -> BotToken.parse(new String(text, US_ASCII)));
    }

    private static String context(BotId bot) {
        return "bots/token/" + bot;
    }
}
