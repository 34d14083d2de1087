@NullMarked
package dev.sluice.keys;

import org.jspecify.annotations.NullMarked;
