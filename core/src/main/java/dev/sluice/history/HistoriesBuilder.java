package dev.sluice.history;

import dev.sluice.SteadyClock;
import dev.sluice.encryption.Sealer;
import dev.sluice.privacy.PrivacyLevels;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** Makes {@link Histories}. Not thread-safe. */
public final class HistoriesBuilder {
    private final Optional<Function<HistorySettings, HistoryLists>> shared;
    HistorySettings settings = HistorySettings.DEFAULT;
    HistoryMode mode = HistoryMode.REDIS;
    Optional<HistoryStore> store = Optional.empty();
    TokenCounter counter = TokenCounter.ESTIMATE;
    Sealer sealer = Sealer.NONE;
    PrivacyLevels levels = PrivacyLevels.EVERYBODY_FULL;
    HistoryEvents events = HistoryEvents.NONE;
    LongSupplier microClock = SteadyClock.micros();

    /** @param shared makes what processes share; empty if they share nothing */
    HistoriesBuilder(Optional<Function<HistorySettings, HistoryLists>> shared) {
        this.shared = shared;
    }

    /** {@link HistorySettings#DEFAULT} unless set; bounds the same in all processes, or each append trims by those of who appends. */
    public HistoriesBuilder settings(HistorySettings newSettings) {
        settings = newSettings;
        return this;
    }

    /** {@link HistoryMode#REDIS} unless set, which without Redis is as {@link HistoryMode#LOCAL}. */
    public HistoriesBuilder mode(HistoryMode newMode) {
        mode = newMode;
        return this;
    }

    /** Where the truth is; unless set there is none but what is appended. */
    public HistoriesBuilder store(HistoryStore newStore) {
        store = Optional.of(newStore);
        return this;
    }

    /** For entries that come without their tokens; {@link TokenCounter#ESTIMATE} unless set. */
    public HistoriesBuilder tokenCounter(TokenCounter newCounter) {
        counter = newCounter;
        return this;
    }

    /** Encrypts what is in Redis; every process needs its key. Nothing is encrypted unless set. */
    public HistoriesBuilder sealer(Sealer newSealer) {
        sealer = newSealer;
        return this;
    }

    /** Whose texts stay in this process' memory; nobody's unless set. Not closed with the histories. */
    public HistoriesBuilder privacy(PrivacyLevels newLevels) {
        levels = newLevels;
        return this;
    }

    public HistoriesBuilder events(HistoryEvents newEvents) {
        events = newEvents;
        return this;
    }

    /** @param newMicroClock of this process' memory, microseconds since 1970 */
    public HistoriesBuilder clock(LongSupplier newMicroClock) {
        microClock = newMicroClock;
        return this;
    }

    public Histories build() {
        return new Histories(this);
    }

    Optional<HistoryLists> redisLists() {
        return mode == HistoryMode.REDIS ? shared.map(made -> made.apply(settings)) : Optional.empty();
    }
}
