package dev.sluice.bundle;

import dev.sluice.redis.Announcements.Subscription;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A store that does what it is asked and whose answers are lost, or that cannot be reached, when a test says so. Thread-safe. */
final class TroubledBundleStore implements BundleStore {
    private final BundleStore store;
    private volatile boolean away;
    private volatile boolean deaf;
    private volatile boolean keepsLeases;
    private volatile boolean leavesAfterwards;
    private final AtomicInteger lost = new AtomicInteger();
    final AtomicInteger renewals = new AtomicInteger();
    final AtomicInteger refused = new AtomicInteger();
    final AtomicInteger handedOver = new AtomicInteger();

    TroubledBundleStore(BundleStore store) {
        this.store = store;
    }

    void goAway() {
        away = true;
    }

    void comeBack() {
        away = false;
    }

    /** From now on nobody hears what is due. */
    void loseNews() {
        deaf = true;
    }

    /** The next so many steps are done, and nobody is told. */
    void loseAnswers(int count) {
        lost.set(count);
    }

    /** The next step is done, nobody is told, and then it cannot be reached. */
    void loseAnAnswerAndGoAway() {
        leavesAfterwards = true;
        loseAnswers(1);
    }

    /** From now on no lease is renewed and no bundle put back. */
    void keepLeases() {
        keepsLeases = true;
    }

    private <T> T leased(Supplier<T> step) {
        if (keepsLeases) {
            throw new RedisUnavailableException("no leases", false, null);
        }
        return step(step);
    }

    private <T> T step(Supplier<T> step) {
        if (away) {
            refused.incrementAndGet();
            throw new RedisUnavailableException("away", false, null);
        }
        T answer = step.get();
        if (lost.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            away = leavesAfterwards;
            throw new RedisUnavailableException("lost", true, null);
        }
        return answer;
    }

    @Override
    public Answer add(Incoming message) {
        return step(() -> store.add(message));
    }

    @Override
    public Claimed claim(BotId bot, int most, Duration lease) {
        Claimed claimed = step(() -> store.claim(bot, most, lease));
        handedOver.addAndGet(claimed.bundles().size());
        return claimed;
    }

    @Override
    public boolean renew(Conversation conversation, long fence, Duration lease) {
        renewals.incrementAndGet();
        return leased(() -> store.renew(conversation, fence, lease));
    }

    @Override
    public boolean settle(Conversation conversation, long fence) {
        return step(() -> store.settle(conversation, fence));
    }

    @Override
    public Return putBack(Conversation conversation, long fence, Duration after, boolean failed) {
        return leased(() -> store.putBack(conversation, fence, after, failed));
    }

    @Override
    public Aside setAside(Conversation conversation, long fence) {
        return leased(() -> store.setAside(conversation, fence));
    }

    @Override
    public List<AsideBundle> aside(BotId bot, long after, int most) {
        return step(() -> store.aside(bot, after, most));
    }

    @Override
    public long asideCount(BotId bot) {
        return step(() -> store.asideCount(bot));
    }

    @Override
    public Requeued requeue(BundleId id) {
        return step(() -> store.requeue(id));
    }

    @Override
    public boolean drop(BundleId id) {
        return step(() -> store.drop(id));
    }

    @Override
    public Standing standing(BotId bot) {
        return step(() -> store.standing(bot));
    }

    @Override
    public Set<Conversation> conversations(long user) {
        return step(() -> store.conversations(user));
    }

    @Override
    public List<Conversation> conversations(BotId bot, long user) {
        return step(() -> store.conversations(bot, user));
    }

    @Override
    public boolean forget(Conversation conversation) {
        return step(() -> store.forget(conversation));
    }

    @Override
    public Subscription listen(Consumer<BotId> heard) {
        return store.listen(bot -> {
            if (!deaf) {
                heard.accept(bot);
            }
        });
    }
}
