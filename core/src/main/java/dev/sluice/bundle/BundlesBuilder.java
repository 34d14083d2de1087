package dev.sluice.bundle;

import dev.sluice.SteadyClock;
import dev.sluice.encryption.Sealer;
import dev.sluice.limit.OnStoreFailure;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** Makes {@link Bundles}. Not thread-safe. */
public final class BundlesBuilder {
    private final Optional<Function<BundleSettings, BundleStore>> store;
    private BundleSettings settings = BundleSettings.DEFAULT;
    private BundlePlace place;
    private OnStoreFailure onStoreFailure = OnStoreFailure.LOCAL;
    private Sealer sealer = Sealer.NONE;
    private MemoryOnly memoryOnly = MemoryOnly.NOBODY;
    private BundleEvents events = BundleEvents.NONE;
    private LongSupplier microClock;

    /** @param store makes what processes share; empty if they share nothing */
    BundlesBuilder(Optional<Function<BundleSettings, BundleStore>> store) {
        this.store = store;
        this.place = store.isPresent() ? BundlePlace.SHARED : BundlePlace.LOCAL;
        this.microClock = SteadyClock.micros();
    }

    /**
     * {@link BundleSettings#DEFAULT} unless set; the same in all processes, or each message goes by those of who takes it.
     *
     * @throws IllegalArgumentException if a quiet window is never over before its bundle is due whatever comes
     */
    public BundlesBuilder settings(BundleSettings newSettings) {
        if (newSettings.quietLeast().compareTo(newSettings.longest()) > 0) {
            throw new IllegalArgumentException("a quiet window must be no longer than the longest time of a bundle, "
                    + newSettings.longest() + ", not " + newSettings.quietLeast());
        }
        settings = newSettings;
        return this;
    }

    /** Without a store that processes share, {@link BundlePlace#SHARED} is as {@link BundlePlace#LOCAL}. */
    public BundlesBuilder place(BundlePlace newPlace) {
        place = newPlace;
        return this;
    }

    /**
     * What happens to messages while Redis does not answer. {@code LOCAL} unless set: they are bundled in this process' memory;
     * {@code OPEN}: handed over at once, each by itself; {@code CLOSED}: refused.
     */
    public BundlesBuilder onStoreFailure(OnStoreFailure policy) {
        onStoreFailure = policy;
        return this;
    }

    /** Encrypts what is in the store; every process that takes bundles needs its key. Nothing is encrypted unless set. */
    public BundlesBuilder sealer(Sealer newSealer) {
        sealer = newSealer;
        return this;
    }

    public BundlesBuilder memoryOnly(MemoryOnly newMemoryOnly) {
        memoryOnly = newMemoryOnly;
        return this;
    }

    public BundlesBuilder events(BundleEvents newEvents) {
        events = newEvents;
        return this;
    }

    /** @param newMicroClock of this process' memory, microseconds since 1970 */
    public BundlesBuilder clock(LongSupplier newMicroClock) {
        microClock = newMicroClock;
        return this;
    }

    public Bundles build() {
        Optional<BundleStore> shared =
                place == BundlePlace.SHARED ? store.map(made -> made.apply(settings)) : Optional.empty();
        var local = new InMemoryBundleStore(microClock, settings, InMemoryBundleStore.MOST_PEOPLE);
        return new Bundles(
                new BundleStores(shared, local),
                settings,
                place,
                onStoreFailure,
                new BundleSeals(sealer),
                memoryOnly,
                events);
    }
}
