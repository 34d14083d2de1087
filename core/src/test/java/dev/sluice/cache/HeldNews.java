package dev.sluice.cache;

import dev.sluice.redis.KeyWatch;
import dev.sluice.redis.Script;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What Redis tells replicas of changes, held back until the test lets it through: each change is pushed and announced, as by tracking
 * and by the channel.
 */
final class HeldNews implements ScriptRunner {
    private final ScriptRunner redis;
    private final List<Line> lines = new CopyOnWriteArrayList<>();

    HeldNews(ScriptRunner redis) {
        this.redis = redis;
    }

    /** The link of one replica. */
    final class Line implements KeyWatch {
        private final Queue<String> held = new ConcurrentLinkedQueue<>();
        private final Queue<Watcher> watchers = new ArrayDeque<>();
        private boolean up;

        @Override
        public Watch watch(List<String> prefixes, String channel, Watcher watcher) {
            watchers.add(watcher);
            lines.add(this);
            return () -> lines.remove(this);
        }

        void up() {
            up(true);
        }

        void up(boolean tracked) {
            held.clear();
            up = true;
            watchers.element().attached(tracked);
        }

        void down() {
            up = false;
            held.clear();
            watchers.element().detached();
        }

        boolean isUp() {
            return up;
        }

        void deliver() {
            for (String news = held.poll(); news != null; news = held.poll()) {
                if (news.startsWith("sluice:")) {
                    watchers.element().changed(news);
                } else {
                    watchers.element().heard(news);
                }
            }
        }
    }

    @Override
    public ScriptReply run(Script script, List<String> keys, List<byte[]> args) {
        ScriptReply reply = redis.run(script, keys, args);
        List<String> news = new ArrayList<>();
        switch (script.name()) {
            case "cache/forget" -> news.add(text(args, 1));
            case "cache/put" -> news.add(text(args, 6));
            case "cache/fill" -> news.add(keys.getFirst());
            default -> {}
        }
        lines.forEach(line -> line.held.addAll(news));
        return reply;
    }

    @Override
    public ScriptReply run(Script script, List<String> keys, List<byte[]> args, Duration timeout) {
        return run(script, keys, args);
    }

    private static String text(List<byte[]> args, int index) {
        return new String(args.get(index), StandardCharsets.UTF_8);
    }
}
