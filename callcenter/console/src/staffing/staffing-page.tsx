export function StaffingPage() { return null; }
