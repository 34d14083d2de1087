package dev.sluice.simulator;

import java.util.Arrays;

/**
 * What was admitted within the last window, oldest first: a ring of times with running totals, so that asking costs O(log n)
 * and recording O(1). Times are nanoseconds of one monotonic clock and never go back. Not thread-safe.
 */
final class SlidingWindow {
    private static final int INITIAL_CAPACITY = 2; // most windows belong to a chat, with room for one message

    private final long windowNanos;
    private long[] times = new long[INITIAL_CAPACITY];
    private long[] totals = new long[INITIAL_CAPACITY]; // of all weights ever recorded, up to and including this entry
    private int head;
    private int size;
    private long total;
    private long forgotten; // the part of total that has left the window

    SlidingWindow(long windowNanos) {
        this.windowNanos = windowNanos;
    }

    /** The earliest time, {@code now} or later, at which {@code weight} fits under {@code limit}; more than {@code limit} needs an empty window. */
    long fitsAt(long now, int weight, int limit) {
        forgetBefore(now);
        long mustLeave = (total - forgotten) - Math.max(0, limit - weight);
        if (size == 0 || mustLeave <= 0) {
            return now;
        }
        int low = 0;
        int high = size - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (totals[index(middle)] - forgotten >= mustLeave) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return times[index(low)] + windowNanos;
    }

    void record(long now, int weight) {
        if (size == times.length) {
            grow();
        }
        total += weight;
        times[index(size)] = now;
        totals[index(size)] = total;
        size++;
    }

    boolean isIdle(long now) {
        forgetBefore(now);
        return size == 0;
    }

    private void forgetBefore(long now) {
        while (size > 0 && now - times[head] >= windowNanos) {
            forgotten = totals[head];
            head = (head + 1) % times.length;
            size--;
        }
    }

    private int index(int position) {
        return (head + position) % times.length;
    }

    private void grow() {
        int bigger = times.length * 2;
        long[] newTimes = Arrays.copyOf(times, bigger);
        long[] newTotals = Arrays.copyOf(totals, bigger);
        for (int i = 0; i < size; i++) {
            newTimes[i] = times[index(i)];
            newTotals[i] = totals[index(i)];
        }
        times = newTimes;
        totals = newTotals;
        head = 0;
    }
}
