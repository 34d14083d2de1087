package dev.sluice.outage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.access.AccessState;
import dev.sluice.access.AccessTruth;
import dev.sluice.lock.HeldLock;
import dev.sluice.lock.Leases;
import dev.sluice.lock.LockAnswer;
import dev.sluice.lock.LockEvents;
import dev.sluice.lock.LockRequest;
import dev.sluice.lock.Locks;
import dev.sluice.redis.KeyDigest;
import dev.sluice.redis.KeySpace;
import dev.sluice.telegram.BotId;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Likewise in records that are read one by one: access and locks. */
@Timeout(120)
class SpoiltRecordsTest extends SpoiltKeysFixture {
    private static final BotId BOT = new BotId(42);
    private static final AccessState PAID = new AccessState(true, "paid", Optional.empty());

    @Test
    void access() throws Exception {
        AccessTruth.Settable truth = AccessTruth.onRedis(store, KeySpace.DEFAULT);
        nobodyElseIsHeldUp(user -> {
            truth.bots(user);
            if (truth.find(BOT, user).isEmpty()) {
                truth.set(BOT, user, PAID);
            }
            return truth.find(BOT, user).equals(Optional.of(PAID))
                    && truth.bots(user).equals(Set.of(BOT));
        });
    }

    @Test
    void the_bots_of_a_user_are_found_among_keys_of_another_program() {
        AccessTruth.Settable truth = AccessTruth.onRedis(store, KeySpace.DEFAULT);
        truth.set(BOT, ANN, PAID);
        for (String tag : List.of("x", "", "0", "-7", "99999999999999999999", "4 2", "7_7")) {
            redis.commands().set("sluice:access:{" + tag + "_" + ANN + "}:state", "secret".getBytes(UTF_8));
        }
        assertThat(truth.bots(ANN)).containsExactly(BOT);
    }

    @Test
    void locks() throws Exception {
        try (var leases = Leases.onRedis(store, store, KeySpace.DEFAULT, store, LockEvents.NONE);
                var locks = new Locks(leases, new SecureRandom())) {
            var held = new HashMap<Long, HeldLock>();
            nobodyElseIsHeldUp(
                    user -> {
                        Optional.ofNullable(held.remove(user)).ifPresent(HeldLock::close);
                        LockAnswer answer = locks.tryAcquire(LockRequest.of("of " + user));
                        if (!(answer instanceof LockAnswer.Acquired(var lock))) {
                            return false;
                        }
                        held.put(user, lock);
                        return true;
                    },
                    KeyDigest.hex("of " + ANN));
        }
    }
}
