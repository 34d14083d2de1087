package dev.sluice.bundle;

import dev.sluice.SluiceException;
import dev.sluice.bundle.BundleRenewals.Renewal;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bundles one bot's messages and lets a handler answer them. Thread-safe; any number of processes may do so for one bot, and whichever is free
 * hands a bundle to its handler.
 *
 * <p>Guarantees are those of {@link Bundles}. The handlers of a process run on virtual threads, one conversation's never at the same time.
 */
public final class Bundler implements AutoCloseable {
    /** Shorter than anybody waits for; ends by itself at the close. */
    private static final Duration WAIT = Duration.ofSeconds(30);

    private static final Duration STORE_PAUSE = Duration.ofMillis(250);
    private static final Duration DRAIN_LOOK = Duration.ofMillis(20);

    /** For a handler that was interrupted to put its bundle back. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    /** That a bundle was handled is said for so long while the store is away; then it is handed over again. */
    private static final Duration SETTLING = Duration.ofMinutes(1);

    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final int MOST_DOUBLINGS = 6;

    private static final Logger log = LoggerFactory.getLogger(Bundler.class);

    private final Bundles bundles;
    private final BotId bot;
    private final HandlerSettings settings;
    private final BundleHandler handler;
    private final Semaphore free;
    private final Set<Thread> handling = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> closing = new CompletableFuture<>();
    private final Set<Conversation> talking = ConcurrentHashMap.newKeySet();
    private final BundleRenewals renewals;
    private final Thread loop;
    private final CountDownLatch interrupting = new CountDownLatch(1);

    private Bundler(Bundles bundles, BotId bot, HandlerSettings settings, BundleHandler handler) {
        this.bundles = bundles;
        this.bot = bot;
        this.settings = settings;
        this.handler = handler;
        this.free = new Semaphore(settings.atOnce());
        this.renewals = new BundleRenewals(bundles, settings.lease());
        loop = Thread.ofVirtual().name("bundler-" + bot).unstarted(this::handOver);
    }

    /** Handles a bot's bundles from now on, with {@link HandlerSettings#DEFAULT}. */
    public static Bundler start(Bundles bundles, BotId bot, BundleHandler handler) {
        return start(bundles, bot, HandlerSettings.DEFAULT, handler);
    }

    /**
     * Handles a bot's bundles from now on.
     *
     * @param bundles stays open when this is closed
     */
    public static Bundler start(Bundles bundles, BotId bot, HandlerSettings settings, BundleHandler handler) {
        var bundler = new Bundler(bundles, bot, settings, handler);
        bundler.loop.start();
        return bundler;
    }

    /**
     * Takes a message of a private chat. As {@link Bundles#add}.
     *
     * @throws IllegalStateException if this is closed
     */
    public Addition add(long user, TalkMessage message) {
        return add(user, user, message);
    }

    /**
     * Takes a message. As {@link Bundles#add}.
     *
     * @throws IllegalStateException if this is closed
     */
    public Addition add(long chat, long user, TalkMessage message) {
        if (closing.isDone()) {
            throw new IllegalStateException("the bundler is closed");
        }
        return bundles.add(new Conversation(bot, chat, user), message);
    }

    private void handOver() {
        try {
            while (!closing.isDone()) {
                if (!free.tryAcquire(STORE_PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
                    continue; // all are busy, perhaps for ever: a close must be seen
                }
                int most = 1;
                while (most < Bundles.MOST_AT_ONCE && free.tryAcquire()) {
                    most++;
                }
                handle(next(most), most);
            }
            drain();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Bundle> next(int most) throws InterruptedException {
        try {
            return bundles.claimUntil(bot, most, settings.lease(), WAIT, closing::isDone);
        } catch (RedisUnavailableException e) {
            pause(STORE_PAUSE);
        } catch (RuntimeException e) {
            // A defect, which must not end the bundling of all others.
            log.error("bundles could not be taken", e);
            pause(STORE_PAUSE);
        }
        return List.of();
    }

    private void pause(Duration length) throws InterruptedException {
        try {
            closing.get(length.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // That was the pause.
        } catch (ExecutionException e) {
            throw new IllegalStateException("nothing fails this", e);
        }
    }

    /** @param reserved places, of which those are given back that no bundle needs */
    private void handle(List<Bundle> taken, int reserved) {
        free.release(reserved - taken.size());
        for (Bundle bundle : taken) {
            if (talking.add(bundle.conversation())) {
                Thread.ofVirtual().name("bundle-handler").start(() -> handleOne(bundle));
            } else {
                leave(bundle);
                free.release();
            }
        }
    }

    /** A lease ran out here, as if this process had been paused, and its handler goes on: nobody is to be answered twice at a time. */
    private void leave(Bundle bundle) {
        log.debug("a bundle is left to others, or for later: an earlier one of its conversation is still handled here");
        try {
            bundles.release(bundle.id(), bundle.fence(), settings.lease().dividedBy(3));
        } catch (SluiceException e) {
            log.debug("a bundle could not be put back: its lease ends", e);
        }
    }

    private void handleOne(Bundle bundle) {
        handling.add(Thread.currentThread());
        try {
            if (handled(bundle)) {
                settle(bundle);
            }
        } finally {
            handling.remove(Thread.currentThread());
            free.release();
        }
    }

    private boolean handled(Bundle bundle) {
        Renewal renewal = renewals.start(bundle);
        try {
            handler.handle(bundle);
            // An interrupt of the close that comes now, or came when it was nearly done, must not keep that from being
            // said.
            handling.remove(Thread.currentThread());
            Thread.interrupted();
            return true;
        } catch (Exception | Error e) {
            renewal.close();
            talking.remove(bundle.conversation());
            // An interrupt that was meant for the handler is over with it.
            boolean interrupted = Thread.interrupted() || e instanceof InterruptedException;
            putBack(bundle, e, interrupted && interrupting.getCount() == 0);
            return false;
        } finally {
            renewal.close();
            talking.remove(bundle.conversation());
        }
    }

    private void putBack(Bundle bundle, Throwable cause, boolean stopped) {
        try {
            if (stopped) {
                bundles.release(bundle.id(), bundle.fence());
                return;
            }
            // Its message may hold what a person wrote.
            log.warn("a handler of bundles failed: {}", cause.getClass().getName());
            long doublings = 1L << Math.min(bundle.failures(), MOST_DOUBLINGS);
            bundles.fail(bundle.id(), bundle.fence(), FIRST_RETRY.multipliedBy(doublings));
        } catch (SluiceException e) {
            log.debug("a bundle could not be put back: its lease ends", e);
        }
    }

    private void settle(Bundle bundle) {
        long end = System.nanoTime() + SETTLING.toNanos();
        while (true) {
            try {
                bundles.settle(bundle.id(), bundle.fence());
                return;
            } catch (RedisUnavailableException e) {
                if (System.nanoTime() - end > 0 || isInterruptedWithin(STORE_PAUSE)) {
                    log.warn("a bundle was handled, which could not be said: it will be handled again");
                    return;
                }
            }
        }
    }

    /** Whether handlers are to end now, after a pause if not. */
    private boolean isInterruptedWithin(Duration pause) {
        try {
            return interrupting.await(pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Handles what would end with this process, and waits for all handlers. */
    private void drain() {
        long end = System.nanoTime() + settings.drain().toNanos();
        while (System.nanoTime() - end < 0 && !isDrained()) {
            bundles.closeHere(bot);
            if (free.tryAcquire()) {
                handle(bundles.claimHere(bot, 1, settings.lease()), 1);
            }
            if (isInterruptedWithin(DRAIN_LOOK)) {
                break;
            }
        }
        interrupting.countDown();
        handling.forEach(Thread::interrupt);
        long last = System.nanoTime() + LAST_WORDS.toNanos();
        for (Thread handler : handling) {
            try {
                if (!handler.join(Duration.ofNanos(Math.max(0, last - System.nanoTime())))) {
                    log.warn("a handler of bundles did not end although it was interrupted");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private boolean isDrained() {
        return free.availablePermits() == settings.atOnce() && bundles.isEmptyHere(bot);
    }

    /**
     * Takes nothing more, handles what is in this process' memory, and waits for handlers that are under way, at most
     * {@link HandlerSettings#drain} and a second. What waits in Redis is left to other processes, or to the next start.
     */
    @Override
    public void close() {
        closing.complete(null);
        bundles.ring(bot);
        boolean interrupted = false;
        while (true) {
            try {
                loop.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
                loop.interrupt();
            }
        }
        renewals.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
