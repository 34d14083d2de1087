package dev.sluice.limit;

import java.util.function.Consumer;

/**
 * Whether Telegram's 429 teaches a pace slower than the limits, and who hears of it.
 *
 * @param isOn whether it does; else a 429 only parks
 * @param lowered hears the scope of each bucket whose pace was lowered ({@code bot} for the paid lane, too), on the thread that settles: return fast, never throw
 */
public record Learning(boolean isOn, Consumer<String> lowered) {
    public static final Learning ON = new Learning(true, scope -> {});
    public static final Learning OFF = new Learning(false, scope -> {});

    public Learning heardBy(Consumer<String> listener) {
        return new Learning(isOn, listener);
    }
}
