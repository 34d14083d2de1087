package dev.sluice.bundle;

import dev.sluice.bundle.BundleStore.Return;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Both places where bundles lie. What was handed over is in one of them; this process' memory is asked first, which costs nothing.
 *
 * @param shared what processes share; empty if nothing
 */
record BundleStores(Optional<BundleStore> shared, InMemoryBundleStore local) {
    boolean renew(BundleId id, long fence, Duration lease) {
        return local.renew(id.conversation(), fence, lease)
                || shared.map(store -> store.renew(id.conversation(), fence, lease))
                        .orElse(false);
    }

    boolean settle(BundleId id, long fence) {
        return local.settle(id.conversation(), fence)
                || shared.map(store -> store.settle(id.conversation(), fence)).orElse(false);
    }

    Return putBack(BundleId id, long fence, Duration after, boolean failed) {
        Return here = local.putBack(id.conversation(), fence, after, failed);
        return here != Return.LOST || shared.isEmpty()
                ? here
                : shared.get().putBack(id.conversation(), fence, after, failed);
    }

    long forget(long user) {
        Set<Conversation> all = new HashSet<>(local.conversations(user));
        shared.ifPresent(store -> all.addAll(store.conversations(user)));
        return all.stream().filter(this::forget).count();
    }

    /** The same, of what processes share. */
    long forgetShared(long user) {
        return shared.map(store ->
                        store.conversations(user).stream().filter(store::forget).count())
                .orElse(0L);
    }

    int forget(BotId bot, long user) {
        Set<Conversation> all = new HashSet<>(local.conversations(bot, user));
        shared.ifPresent(store -> all.addAll(store.conversations(bot, user)));
        return Math.toIntExact(all.stream().filter(this::forget).count());
    }

    boolean forget(Conversation conversation) {
        boolean here = local.forget(conversation);
        return shared.map(store -> store.forget(conversation)).orElse(false) || here;
    }
}
