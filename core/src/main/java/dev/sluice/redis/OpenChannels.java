package dev.sluice.redis;

import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.flush.FlushConsolidationHandler;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What is added to every connection. Sees to it that no dead one is kept: closes those that do not answer, and all of them
 * on demand. The client then reconnects, and with Sentinel asks anew who the master is.
 *
 * <p>TCP itself would notice a peer that vanished with data under way only after minutes, and its user timeout exists on
 * Linux with native transports only.
 */
final class OpenChannels implements NettyCustomizer {

    /** A replica that is configured as if it were the master must not cause a storm of reconnects. */
    private static final long DROP_INTERVAL_NANOS = Duration.ofSeconds(1).toNanos();

    /** Commands that are written while others wait to be share one system call, here and at Redis; nothing waits for it. */
    private static final int MOST_AT_ONCE = 256;

    private final Duration silenceLimit;
    private final Set<Channel> open = ConcurrentHashMap.newKeySet();
    private final AtomicLong lastDropNanos = new AtomicLong(System.nanoTime() - DROP_INTERVAL_NANOS);

    OpenChannels(Duration silenceLimit) {
        this.silenceLimit = silenceLimit;
    }

    @Override
    public void afterChannelInitialized(Channel channel) {
        open.add(channel);
        channel.closeFuture().addListener(closed -> open.remove(channel));
        channel.pipeline().addFirst(new SilenceGuard(silenceLimit), new FlushConsolidationHandler(MOST_AT_ONCE, true));
    }

    /** Closes every connection, at most once a second; the client reconnects by itself. */
    void dropAll() {
        long now = System.nanoTime();
        long last = lastDropNanos.get();
        if (now - last >= DROP_INTERVAL_NANOS && lastDropNanos.compareAndSet(last, now)) {
            open.forEach(Channel::close);
        }
    }

    /** Closes its connection when something was written and nothing has come back for too long. Event loop only. */
    private static final class SilenceGuard extends ChannelDuplexHandler {
        private final long limitNanos;
        private boolean waiting;
        private long waitingSinceNanos;
        private @Nullable ScheduledFuture<?> check;

        SilenceGuard(Duration limit) {
            this.limitNanos = limit.toNanos();
        }

        @Override
        public void channelActive(ChannelHandlerContext context) throws Exception {
            check = context.executor()
                    .scheduleAtFixedRate(
                            () -> closeIfSilent(context), limitNanos / 4, limitNanos / 4, TimeUnit.NANOSECONDS);
            super.channelActive(context);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) throws Exception {
            if (check != null) {
                check.cancel(false);
            }
            super.channelInactive(context);
        }

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
            if (!waiting) {
                waiting = true;
                waitingSinceNanos = System.nanoTime();
            }
            super.write(context, message, promise);
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
            waiting = false;
            super.channelRead(context, message);
        }

        private void closeIfSilent(ChannelHandlerContext context) {
            if (waiting && System.nanoTime() - waitingSinceNanos >= limitNanos) {
                context.close();
            }
        }
    }
}
