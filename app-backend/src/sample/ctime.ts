const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Local time as C's `ctime` writes it, without the line end: `Sun Jun  9 01:02:03 2024`. */
export function ctime(when: Date): string {
  const clock = [when.getHours(), when.getMinutes(), when.getSeconds()];
  const time = clock.map((part) => String(part).padStart(2, '0')).join(':');
  const day = String(when.getDate()).padStart(2);
  return `${days[when.getDay()]} ${months[when.getMonth()]} ${day} ${time} ${when.getFullYear()}`;
}
