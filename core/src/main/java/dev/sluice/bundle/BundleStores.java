package dev.sluice.bundle;

import dev.sluice.bundle.AsideBundles.Requeue;
import dev.sluice.bundle.BundleStore.Requeued;
import dev.sluice.bundle.BundleStore.Return;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.RedisUnavailableException.Reason;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Both places where bundles lie. What was handed over is in one of them; this process' memory is asked first, which costs nothing.
 *
 * @param shared what processes share; empty if nothing
 * @param grace of the shared one
 */
record BundleStores(Optional<BundleStore> shared, InMemoryBundleStore local, OutageGrace grace) {
    BundleStores(Optional<BundleStore> shared, InMemoryBundleStore local) {
        this(shared, local, new OutageGrace());
    }

    boolean renew(BundleId id, long fence, Duration lease) {
        return local.renew(id.conversation(), fence, lease)
                || there(store -> store.renew(id.conversation(), fence, lease), false);
    }

    boolean settle(BundleId id, long fence) {
        return local.settle(id.conversation(), fence) || there(store -> store.settle(id.conversation(), fence), false);
    }

    Return putBack(BundleId id, long fence, Duration after, boolean failed) {
        Return here = local.putBack(id.conversation(), fence, after, failed);
        return here != Return.LOST
                ? here
                : there(store -> store.putBack(id.conversation(), fence, after, failed), Return.LOST);
    }

    /** Of both, those first that were set aside first. */
    List<AsideBundle> aside(BotId bot, long after, int most) {
        return Stream.concat(
                        local.aside(bot, after, most).stream(),
                        shared.stream().flatMap(store -> store.aside(bot, after, most).stream()))
                .sorted(Comparator.comparing(AsideBundle::at))
                .limit(most)
                .toList();
    }

    long asideCount(BotId bot) {
        return local.asideCount(bot)
                + shared.map(store -> store.asideCount(bot)).orElse(0L);
    }

    Requeued requeue(BundleId id) {
        Requeued here = local.requeue(id);
        return here.answer() != Requeue.GONE
                ? here
                : shared.map(store -> store.requeue(id)).orElse(here);
    }

    boolean drop(BundleId id) {
        return local.drop(id) || shared.map(store -> store.drop(id)).orElse(false);
    }

    /** Whoever handles bundles may see that the store is away before anybody who takes some. */
    private <T> T there(Function<BundleStore, T> step, T nothing) {
        if (shared.isEmpty()) {
            return nothing;
        }
        long asked = System.nanoTime();
        try {
            T answer = step.apply(shared.get());
            grace.answered(OutageGrace.USUAL_LEASE);
            return answer;
        } catch (RedisUnavailableException e) {
            if (e.reason() != Reason.INTERRUPTED) {
                grace.failed(asked);
            }
            throw e;
        }
    }

    /** Of this process' memory although the store does not answer. */
    long forget(long user) {
        return forget(local.conversations(user), store -> store.conversations(user));
    }

    /** The same, of what processes share. */
    long forgetShared(long user) {
        return shared.map(store ->
                        store.conversations(user).stream().filter(store::forget).count())
                .orElse(0L);
    }

    /** The same, of this process' memory. */
    void forgetHere(Set<Long> users) {
        local.conversations(users).forEach(local::forget);
    }

    int forget(BotId bot, long user) {
        return forget(local.conversations(bot, user), store -> store.conversations(bot, user));
    }

    private int forget(Collection<Conversation> here, Function<BundleStore, Collection<Conversation>> there) {
        Set<Conversation> forgotten = new HashSet<>(here);
        forgotten.removeIf(conversation -> !local.forget(conversation));
        shared.ifPresent(
                store -> there.apply(store).stream().filter(store::forget).forEach(forgotten::add));
        return forgotten.size();
    }

    boolean forget(Conversation conversation) {
        boolean here = local.forget(conversation);
        return shared.map(store -> store.forget(conversation)).orElse(false) || here;
    }
}
