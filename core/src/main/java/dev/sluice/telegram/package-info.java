@NullMarked
package dev.sluice.telegram;

import org.jspecify.annotations.NullMarked;
